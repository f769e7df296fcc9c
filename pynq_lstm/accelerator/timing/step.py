"""A step of a pair of LSTMs: all processes of ``hls_src/svd_lstm/waves.h`` at work."""

from dataclasses import replace

import numpy as np

from pynq_lstm.accelerator.design import LANES
from pynq_lstm.accelerator.packing.routes import FIRST_TERM, MEMORY, TERM_BYTES
from pynq_lstm.accelerator.timing.call import Call
from pynq_lstm.accelerator.timing.max_plus import ago, later
from pynq_lstm.accelerator.timing.pipeline import drained, through_fifo
from pynq_lstm.model import PARTS

HIDDEN_SUMS_DEPTH = 4  # waves.h


class Step(Call):
    """See `Call`.

    Parameters
    ----------
    image : Image
    pair : int
    latencies : Latencies
    refinements : int

    Attributes
    ----------
    lasts : dict of str to ndarray of int
        Of each part, the words of V that end a tile of h.
    """

    def __init__(self, image, pair, latencies, refinements):
        super().__init__(image, pair, latencies)
        self.program, self.lasts = image.program(pair, refinements), {}
        self._x = self._dispatch()
        self.h = self._sigma(self._v_words("input"), self._v_words("hidden"))
        self.collect(image.design.h_beats, self.h)

    def connect(self, before):
        """Add the processes that h of the wave before goes through.

        Parameters
        ----------
        before : sequence of Call
            Of that wave, one for each pair.
        """
        for side, x in zip(PARTS, (self._route(before), self._h_tiles(before[self.pair]))):
            self._v_copies(side, self._s(side, self._u(side, x)))

    def _dispatch(self):
        begin = self.event("dispatch.x_beats", self.commands(self.turn("dispatch")))
        tiles, beats = len(self.layout.external), LANES * self.image.design.x_beats
        loop = self.loop("dispatch", "x_beats", begin, tiles * beats)
        self.end("dispatch", loop.end)
        return loop.results(np.arange(1, tiles + 1) * beats - 1)

    def _route(self, before):
        """Tiles of h first, those of a pair behind those of another; then those of x."""
        arrivals, count, pairs = [], 0, self.image.pairs
        for k, layout in enumerate(pairs if self.pair == 0 else ()):
            if layout.collected:
                tiles = np.arange(count, count + layout.h_tiles)
                arrivals.append((tiles, ago(before[k].h, len(pairs) - k)))
                count += layout.h_tiles
        loop = self.loop("route", "collect_tiles", self.begin("route"), count, *arrivals)
        begin = self.event("route.route_words", loop.end)
        lasts, external = self._route_words()
        loop = self.loop("route", "route_words", begin, len(lasts), (external, self._x))
        self.end("route", loop.end)
        return loop.results(np.flatnonzero(lasts))

    def _route_words(self):
        """Of the records of the pair: whether a tile of x is complete; which take from memory."""
        total = sum(layout.route_words for layout in self.image.pairs)
        first = len(self.image.beats) - total + self.layout.route_start  # the last section
        records = self.image.beats[first : first + self.layout.route_words]
        kinds = records[:, FIRST_TERM : FIRST_TERM + LANES * TERM_BYTES : TERM_BYTES]
        return records[:, 0] & 1, np.flatnonzero((kinds == MEMORY).any(axis=1))

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

    def _v_words(self, side):
        process, v = f"{side}_v", getattr(self.program, side).v
        loop = self.loop(process, "v_words", {(f"{process}.v_words", 0): 0}, v.words)
        self.lasts[side] = np.cumsum(v.positions) - 1
        self.end(process, loop.end)
        return loop.results(self.lasts[side])

    def _sigma(self, input_sums, hidden_sums):
        """A tile from both V units an iteration."""
        begin, sums = self.begin("sigma_unit"), (self.tiles, input_sums)
        loop = self.loop("sigma_unit", "step_tiles", begin, len(self.tiles), sums)
        starts = through_fifo(later(hidden_sums, -1), loop.starts, HIDDEN_SUMS_DEPTH)
        loop = replace(loop, starts=starts, end=drained(self.latencies, starts, loop.depth))
        self.loops["sigma_unit", "step_tiles"] = loop
        end, access = loop.end, self.latencies.sequential_access
        for side in PARTS:  # S writes its count last
            end = self.accessed(end, {(f"{side}_s.end", 0): 1 - access})
        self.end("sigma_unit", end)
        return loop.results(self.tiles)
