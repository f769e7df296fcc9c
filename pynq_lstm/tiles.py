"""Vectors cut into tiles; the last tile of a vector may be ragged (docs/numerics.md, section 4)."""

import numpy as np


def tile_count(length, tile):
    """Tiles of `tile` elements that cover a vector of `length`."""
    return -(-length // tile)


def tile_lengths(length, tile):
    """Elements of each tile of a vector, (tiles,) int64."""
    starts = np.arange(0, length, tile)
    return np.minimum(tile, length - starts)


def element_mask(mask, tile, length):
    """Mask of tiles to mask of elements.

    Parameters
    ----------
    mask : ndarray, (..., tiles), bool
    tile, length : int

    Returns
    -------
    ndarray, (..., length), bool
    """
    return np.repeat(mask, tile, axis=-1)[..., :length]


def present_elements(mask, tile, length):
    """Elements before `length` that lie in the present tiles of a mask, (..., tiles) bool."""
    lengths = tile_lengths(length, tile)
    return int((mask[..., : len(lengths)] * lengths).sum())
