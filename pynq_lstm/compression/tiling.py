"""How vectors are cut into tiles, and which of these are kept."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pynq_lstm.tiles import tile_lengths


@dataclass(frozen=True)
class Tiles:
    """How a vector is cut and how many of its tiles are pruned.

    Attributes
    ----------
    size : int
        Elements of a tile.
    zero : int
        Tiles without elements.
    blocks : int
        Equal blocks of the vector that no tile crosses, each with a ragged last tile of its
        own: the four gates of a gate-stacked v.
    """

    size: int
    zero: int = 0
    blocks: int = 1

    def lengths(self, length):
        """Elements of each tile of a vector of `length`, (tiles,) int64."""
        return _cut(self.size, self.blocks, length)[1].copy()

    def present(self, gain):
        """The tiles with the largest sums of `gain`, an array of elements; (tiles,) bool."""
        sums = np.add.reduceat(gain, _cut(self.size, self.blocks, len(gain))[0])
        present = np.ones(len(sums), bool)
        present[sums.argsort(kind="stable")[: self.zero]] = False
        return present

    def spread(self, mask, length):
        """A mask of tiles over a vector of `length`, (length,) bool."""
        if length == self.size * len(mask):
            return mask.repeat(self.size)
        return mask.repeat(_cut(self.size, self.blocks, length)[1])

    def kept(self, gain):
        """`present` spread over the elements, (elements,) bool."""
        return self.spread(self.present(gain), len(gain))

    def most_elements(self, length):
        """The most elements that the present tiles of a vector can have: ragged ones absent."""
        return int(np.sort(self.lengths(length))[self.zero :].sum())

    def fewest_elements(self, length):
        """The fewest that they can have: ragged ones present."""
        lengths = np.sort(self.lengths(length))
        return int(lengths[: len(lengths) - self.zero].sum())


@lru_cache(maxsize=256)
def _cut(size, blocks, length):
    """The first element of each tile, and the elements that it has."""
    lengths = np.tile(tile_lengths(length // blocks, size), blocks)
    return np.cumsum(lengths) - lengths, lengths
