"""Block-diagonal models packed: banks, columns, words, against the model they came from."""

import numpy as np
import pytest
from designs import BLOCKS, BLOCKS_8, BLOCKS_TINY, BLOCKS_WIDE
from random_block_models import sized_block_model

from pynq_lstm.accelerator.packing import banks, pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.block_mask import present_elements, row_index
from pynq_lstm.model import PARTS

DESIGNS = (BLOCKS_TINY, BLOCKS_WIDE, BLOCKS_8)


def packed(design, seed, ranks=(None, None)):
    rng = np.random.default_rng(seed)
    bits = {"activation_bits": design.activation_bits, "weight_bits": design.weight_bits}
    sizes = rng.integers(1, 17, 2).tolist()
    model = sized_block_model(rng, sizes[:1], sizes[1:], ranks, **bits)
    return model, pack(Plan.of_model(model), design)


@pytest.mark.parametrize("degrees", [(6, 25), (2, 4), (25, 25), (3, 3), (1, 1)])
def test_no_two_columns_share_a_bank_in_a_tile_or_a_row(degrees):
    rng, (tile, row) = np.random.default_rng(3), degrees
    most = max(degrees)
    for _ in range(100):
        count = int(rng.integers(1, 120))
        places = rng.permutation(count)
        tiles, rows = places // tile, rng.permutation(count) // row
        chosen = banks.choose(tiles, rows, most)
        assert chosen.min() >= 0 and chosen.max() < most
        for side in (tiles, rows):
            assert len(set(zip(side.tolist(), chosen.tolist()))) == count


class Naive:
    """One part of an image, decoded record by record from the words of the page."""

    def __init__(self, image, side):
        self.design, self.side = image.design, side
        self.program = getattr(image.programs[0], side)
        self.layout = image.pairs[0]
        header = image.beats[3:5].reshape(-1).view("<u4")
        d = image.design
        sizes = (d.column_beats, d.word_beats, d.column_beats, d.word_beats)
        first = 5 + 2 + 2
        starts = np.cumsum([first, *(n * size for n, size in zip(header, sizes))])
        k = 2 * PARTS.index(side)
        self.columns = self._records(image, starts[k], header[k], sizes[k])
        self.words = self._records(image, starts[k + 1], header[k + 1], sizes[k + 1])

    @staticmethod
    def _records(image, start, count, beats):
        return image.beats[start : start + count * beats].reshape(count, -1)

    def matrix(self, place, count):
        """The weights as the kernel meets them, (4, hidden, columns), from words and banks."""
        d, rank, groups = self.design, self.program.rank, self.program.groups
        where = self.columns[:, : 4 * d.units].reshape(-1, 4)
        w = np.zeros((4, len(self.layout.units), count), int)
        for number, record in enumerate(self.words):
            tile, group = divmod(number, groups)
            row = tile % rank * groups + group
            if d.weight_bits == 4:
                nibbles = np.stack([record & 15, record >> 4], axis=1).reshape(-1).astype(int)
                codes = (nibbles ^ 8) - 8
            else:
                codes = record.view(np.int8).astype(int)
            codes = codes[: d.multiplier_count].reshape(d.columns, 4, d.units)
            for column in range(count):
                bank, at = where[place[column], 2:]
                if at == row:
                    for unit, own in enumerate(self.layout.units):
                        if own // d.units == tile:
                            w[:, unit, column] += codes[bank, :, own % d.units]
        return w

    def scalars(self, place):
        return self.columns[:, : 4 * self.design.units].reshape(-1, 4)[place, :2]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
@pytest.mark.parametrize("seed", range(6))
def test_words_and_columns_are_those_of_the_model(design, seed):
    model, image = packed(design, seed)
    for side in PARTS:
        naive, part = Naive(image, side), getattr(model, side)
        count = part.w[0].shape[1]
        place = np.arange(count) if side == "input" else image.pairs[0].units
        found = naive.matrix(place, count)
        np.testing.assert_array_equal(found.reshape(-1, count), part.w[0])
        scalars = np.ascontiguousarray(naive.scalars(place)).view("<u2").reshape(-1)
        np.testing.assert_array_equal(scalars, part.m[0])


@pytest.mark.parametrize("rank", [2, 4, 8, 16])
@pytest.mark.parametrize("hidden", [1, 7, 24, 100, 200, 511, 512])
def test_tiles_are_of_one_residue_and_only_the_last_ones_are_not_full(hidden, rank):
    bits = {"activation_bits": 8, "weight_bits": 4}
    rng = np.random.default_rng(0)
    model = sized_block_model(rng, (1,), (hidden,), (2, rank), **bits)
    layout = pack(Plan.of_model(model), BLOCKS).pairs[0]
    tiles = layout.units // BLOCKS.units
    assert len(set(layout.units.tolist())) == hidden
    assert set(tiles.tolist()) == set(range(layout.h_tiles))
    for tile in range(layout.h_tiles):
        residues = {int(unit) % rank for unit in np.flatnonzero(tiles == tile)}
        assert residues == {tile % rank}
    assert layout.h_tiles <= BLOCKS.max_h_tiles


def test_words_hold_little_else_than_weights_that_are_present():
    """H = I = 200, p = 4: 40,000 of 43,200 places."""
    bits = {"activation_bits": 8, "weight_bits": 4}
    model = sized_block_model(np.random.default_rng(0), (200,), (200,), (4, 4), **bits)
    image = pack(Plan.of_model(model), BLOCKS)
    for side in PARTS:
        words = getattr(image.programs[0], side).words
        assert words == 72
        present = 4 * present_elements(200, 200, 4)
        assert (present, words * BLOCKS.multiplier_count) == (40_000, 43_200)


def test_classes_are_those_of_the_mask():
    """A column's row of operands lies among those of its class."""
    model, image = packed(BLOCKS_TINY, 9, (4, 8))
    naive = Naive(image, "hidden")
    rows = naive.columns[:, : 4 * BLOCKS_TINY.units].reshape(-1, 4)[image.pairs[0].units, 3]
    expected = row_index(np.arange(model.hidden_sizes[0]), 8)
    np.testing.assert_array_equal(rows // naive.program.groups, expected)
