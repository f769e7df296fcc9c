"""A step of a pair of LSTMs: the processes that the kernels of all engines have, at work."""

from dataclasses import replace
from typing import Optional

import numpy as np

from pynq_lstm.accelerator.packing.routes import FIRST_TERM, MEMORY, TERM_BYTES
from pynq_lstm.accelerator.timing.call import Call
from pynq_lstm.accelerator.timing.max_plus import ago, join, later
from pynq_lstm.accelerator.timing.pipeline import drained, through_fifo
from pynq_lstm.model import PARTS

HIDDEN_SUMS_DEPTH = CLIPS_DEPTH = 4  # waves.h


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
    writes, reads : dict of str to ((str, str), ndarray of int)
        By FIFO: process and label of the loop at that end of it, and the iterations that access it.

    Subclasses have

    counted : str
        With the part's side to be put in: the event in which it tells sigma how much saturated.
    """

    counted: Optional[str] = None

    def __init__(self, image, pair, latencies, refinements):
        super().__init__(image, pair, latencies)
        self.program, self.writes, self.reads = image.program(pair, refinements), {}, {}
        self._x = self._dispatch()
        self.h = self._sigma(self._sums("input"), self._sums("hidden"))
        self.collect(image.design.h_beats, self.h)

    def begin(self, process):
        """See `Call.begin`; an event that steps only have, so that FIFOs count steps."""
        return self.event(f"{process}.works", super().begin(process))

    def connect(self, before):
        """Add the processes that h of the wave before goes through.

        Parameters
        ----------
        before : sequence of Call
            Of that wave, one for each pair.
        """
        raise NotImplementedError

    def _sums(self, side):
        """When a part's sums of each tile of h can be read."""
        raise NotImplementedError

    def _dispatch(self):
        begin = self.event("dispatch.x_beats", self.commands(self.turn("dispatch")))
        design = self.image.design
        tiles, beats = len(self.layout.external), design.lanes * design.x_beats
        loop = self.loop("dispatch", "x_beats", begin, tiles * beats)
        self.end("dispatch", loop.end)
        lasts = np.arange(1, tiles + 1) * beats - 1
        self.writes["x_external"] = ("dispatch", "x_beats"), lasts
        return loop.results(lasts)

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
        self.reads["x_external"] = ("route", "route_words"), external
        self.writes["x"] = ("route", "route_words"), np.flatnonzero(lasts)
        return loop.results(np.flatnonzero(lasts))

    def _route_words(self):
        """Of the records of the pair: whether a tile of x is complete; which take from memory."""
        total = sum(layout.route_words for layout in self.image.pairs)
        first = len(self.image.beats) - total + self.layout.route_start  # the last section
        records = self.image.beats[first : first + self.layout.route_words]
        kinds = records[
            :, FIRST_TERM : FIRST_TERM + self.image.design.lanes * TERM_BYTES : TERM_BYTES
        ]
        return records[:, 0] & 1, np.flatnonzero((kinds == MEMORY).any(axis=1))

    def _sigma(self, input_sums, hidden_sums):
        """A tile from both parts an iteration."""
        begin, sums = self.begin("sigma_unit"), (self.tiles, input_sums)
        loop = self.loop("sigma_unit", "step_tiles", begin, len(self.tiles), sums)
        starts = through_fifo(later(hidden_sums, -1), loop.starts, HIDDEN_SUMS_DEPTH)
        loop = replace(loop, starts=starts, end=drained(self.latencies, starts, loop.depth))
        self.loops["sigma_unit", "step_tiles"] = loop
        for side in PARTS:
            self.reads[f"{side}_sums"] = ("sigma_unit", "step_tiles"), self.tiles
        end, access = loop.end, self.latencies.sequential_access
        for side in PARTS:
            told = join(end, {(self.counted.format(side), 0): 1 - access})
            end = later(self.event(f"sigma_unit.{side}_clips", told), access)
        self.end("sigma_unit", end)
        return loop.results(self.tiles)

    def ended(self, process, form):
        """Define the end of a process whose last loop waits for slots in a FIFO."""
        self.end(process, form)

    def clips(self, side, form):
        """Let a part tell how much saturated, when sigma has read what it told four calls ago."""
        return self.accessed(form, {(f"sigma_unit.{side}_clips", CLIPS_DEPTH): 1})
