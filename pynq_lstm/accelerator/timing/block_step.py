"""A step of the block-diagonal engine: ``hls_src/block_diagonal_lstm/waves.h``."""

import numpy as np

from pynq_lstm.accelerator.timing.max_plus import ago
from pynq_lstm.accelerator.timing.step import Step


class BlockStep(Step):
    """See `Step`."""

    counted = "{}_part.multiply_words"

    def connect(self, before):
        """See `Step.connect`."""
        self._fill("input", self.layout.x_tiles, self._route(before))
        h = ago(before[self.pair].h, len(self.image.pairs))
        self._fill("hidden", self.layout.h_tiles, h)

    def _fill(self, side, tiles, tokens):
        """Columns to their banks; then what saturated is told, and the words begin."""
        process, places = f"{side}_part", np.arange(tiles)
        if side == "input":
            self.reads["x"] = (process, "fill_tiles"), places
        loop = self.loop(process, "fill_tiles", self.begin(process), tiles, (places, tokens))
        self.event(f"{process}.multiply_words", self.clips(side, loop.end))

    def _sums(self, side):
        process, part = f"{side}_part", getattr(self.program, side)
        begin = {(f"{process}.multiply_words", 0): 0}
        loop = self.loop(process, "multiply_words", begin, part.words)
        lasts = (self.tiles + 1) * part.groups - 1
        self.writes[f"{side}_sums"] = (process, "multiply_words"), lasts
        self.end(process, loop.end)
        return loop.results(lasts)
