"""Tiles of a vector and of equal blocks of one, against the naive reading."""

import itertools

import numpy as np
import pytest

from pynq_lstm.compression.tiling import Tiles


def naive_tiles(tiles, length):
    """The elements of each tile: cut block by block, the last tile of a block ragged."""
    block = length // tiles.blocks
    return [
        [b * block + k for k in range(first, min(first + tiles.size, block))]
        for b in range(tiles.blocks)
        for first in range(0, block, tiles.size)
    ]


def cases():
    for blocks, block, size in itertools.product((1, 4), (1, 5, 7, 8), (1, 3, 7, 8)):
        if size <= block:
            count = blocks * -(-block // size)
            for zero in sorted({0, 1, count // 2, count - 1}):
                if zero < count:
                    yield blocks * block, Tiles(size, zero, blocks)


@pytest.mark.parametrize("length, tiles", list(cases()))
def test_tiles_against_the_naive_reading(length, tiles):
    gain = np.random.default_rng(length).standard_normal(length) ** 2
    cut = naive_tiles(tiles, length)
    assert tiles.lengths(length).tolist() == [len(tile) for tile in cut]
    sums = [gain[tile].sum() for tile in cut]
    weakest = sorted(range(len(cut)), key=lambda k: sums[k])[: tiles.zero]
    present = tiles.present(gain)
    assert np.flatnonzero(~present).tolist() == sorted(weakest)
    kept = np.zeros(length, bool)
    kept[[k for t, tile in enumerate(cut) if t not in weakest for k in tile]] = True
    assert np.array_equal(tiles.kept(gain), kept)
    assert np.array_equal(tiles.spread(present, length), kept)
    counts = [
        sum(map(len, chosen)) for chosen in itertools.combinations(cut, len(cut) - tiles.zero)
    ] if len(cut) < 12 else None  # fmt: skip
    if counts:
        assert tiles.most_elements(length) == max(counts)
        assert tiles.fewest_elements(length) == min(counts)


def test_a_tile_never_crosses_a_block():
    """Where tiles of the whole vector would: 4 gates of 5 units, tiles of 3."""
    tiles = Tiles(3, 2, blocks=4)
    gain = np.ones(20)
    gain[[3, 4, 18, 19]] = 0  # the ragged tiles of the first and of the last gate
    assert np.flatnonzero(~tiles.kept(gain)).tolist() == [3, 4, 18, 19]
