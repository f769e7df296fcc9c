"""A step of the SVD engine: ``hls_src/svd_lstm/waves.h``."""

import numpy as np

from pynq_lstm.accelerator.timing.max_plus import ago
from pynq_lstm.accelerator.timing.step import Step
from pynq_lstm.model import PARTS


class SvdStep(Step):
    """See `Step`."""

    words, counted = ("{}_v", "v_words"), "{}_s.end"  # S writes its count last

    def connect(self, before):
        """See `Step.connect`."""
        for side, x in zip(PARTS, (self._route(before), self._h_tiles(before[self.pair]))):
            self._v_copies(side, self._s(side, self._u(side, x)))

    def _h_tiles(self, before):
        """Two tiles of h make one of the hidden part's vector; an odd last one stays alone."""
        h = self.tiles, ago(before.h, len(self.image.pairs))
        loop = self.loop("h_tiles", "join_tiles", self.begin("h_tiles"), len(self.tiles), h)
        self.end("h_tiles", loop.end)
        return loop.results(np.minimum(self.tiles[::2] + 1, self.tiles[-1]))

    def _u(self, side, x):
        process, u = f"{side}_u", getattr(self.program, side).u
        words = self.loop(process, "u_words", self.begin(process), u.words, (u.takes, x))
        begin = self.event(f"{process}.u_slots", words.end)
        slots = self.loop(process, "u_slots", begin, u.slots)
        self.end(process, slots.end)
        return slots.results(np.arange(u.slots))

    def _s(self, side, dots):
        process, slots = f"{side}_s", np.arange(getattr(self.program, side).u.slots)
        loop = self.loop(process, "s_slots", self.begin(process), len(slots), (slots, dots))
        self.end(process, self.accessed(loop.end))  # the count of what saturated
        return loop.results(slots)

    def _v_copies(self, side, ps):
        process, slots = f"{side}_v", np.arange(getattr(self.program, side).u.slots)
        loop = self.loop(process, "v_copies", self.begin(process), len(slots), (slots, ps))
        self.event(f"{process}.v_words", loop.end)

    def _sums(self, side):
        process, v = f"{side}_v", getattr(self.program, side).v
        loop = self.loop(process, "v_words", {(f"{process}.v_words", 0): 0}, v.words)
        self.lasts[side] = np.cumsum(v.positions) - 1
        self.end(process, loop.end)
        return loop.results(self.lasts[side])
