"""A step of the SVD engine: ``hls_src/svd_lstm/waves.h``."""

import numpy as np

from pynq_lstm.accelerator.timing.max_plus import ago
from pynq_lstm.accelerator.timing.step import Step
from pynq_lstm.model import PARTS


class SvdStep(Step):
    """See `Step`."""

    counted = "{}_s.end"  # S writes its count last

    def connect(self, before):
        """See `Step.connect`."""
        for side, x in zip(PARTS, (self._route(before), self._h_tiles(before[self.pair]))):
            self._v_copies(side, self._s(side, self._u(side, x)))

    def _h_tiles(self, before):
        """Two tiles of h make one of the hidden part's vector; an odd last one stays alone."""
        h = self.tiles, ago(before.h, len(self.image.pairs))
        loop = self.loop("h_tiles", "join_tiles", self.begin("h_tiles"), len(self.tiles), h)
        self.end("h_tiles", loop.end)
        joined = np.minimum(self.tiles[::2] + 1, self.tiles[-1])
        self.writes["h"] = ("h_tiles", "join_tiles"), joined
        return loop.results(joined)

    def _u(self, side, x):
        process, u = f"{side}_u", getattr(self.program, side).u
        words = self.loop(process, "u_words", self.begin(process), u.words, (u.takes, x))
        self.reads[{"input": "x", "hidden": "h"}[side]] = (process, "u_words"), u.takes
        begin = self.event(f"{process}.u_slots", words.end)
        slots = self.loop(process, "u_slots", begin, u.slots)
        self.end(process, slots.end)
        self.writes[f"{side}_dots"] = (process, "u_slots"), np.arange(u.slots)
        return slots.results(np.arange(u.slots))

    def _s(self, side, dots):
        process, slots = f"{side}_s", np.arange(getattr(self.program, side).u.slots)
        loop = self.loop(process, "s_slots", self.begin(process), len(slots), (slots, dots))
        self.ended(process, loop.end)
        self.reads[f"{side}_dots"] = self.writes[f"{side}_ps"] = (process, "s_slots"), slots
        return loop.results(slots)

    def _v_copies(self, side, ps):
        process, slots = f"{side}_v", np.arange(getattr(self.program, side).u.slots)
        loop = self.loop(process, "v_copies", self.begin(process), len(slots), (slots, ps))
        self.reads[f"{side}_ps"] = (process, "v_copies"), slots
        self.event(f"{process}.v_words", loop.end)

    def _sums(self, side):
        process, v = f"{side}_v", getattr(self.program, side).v
        loop = self.loop(process, "v_words", {(f"{process}.v_words", 0): 0}, v.words)
        lasts = np.cumsum(v.positions) - 1
        self.writes[f"{side}_sums"] = (process, "v_words"), lasts
        self.end(process, loop.end)
        return loop.results(lasts)

    def ended(self, process, form):
        """See `Step.ended`: S tells how much saturated last."""
        side, _, unit = process.rpartition("_")
        self.end(process, self.clips(side, form) if unit == "s" else form)
