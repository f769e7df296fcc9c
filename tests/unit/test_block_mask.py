"""Masks, row indexes and blocks of one formula, against eq. (7) as the paper prints it."""

import numpy as np
import pytest
from naive_block_diagonal import present

from pynq_lstm import block_mask

RANKS = range(1, 17)
RAGGED = (1, 1), (1, 40), (40, 1), (3, 5), (16, 16), (17, 33), (50, 28), (37, 100), (100, 67)


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("rows, columns", RAGGED)
def test_the_mask_is_that_of_the_paper(rows, columns, rank):
    wanted = [[present(i, j, rank) for j in range(columns)] for i in range(rows)]
    found = block_mask.mask(rows, columns, rank)
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, wanted)
    stacked = block_mask.stacked_mask(rows, columns, rank)
    np.testing.assert_array_equal(stacked, np.concatenate([wanted] * 4))


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("rows, columns", RAGGED)
def test_row_indexes_and_counts_are_those_of_the_mask(rows, columns, rank):
    mask = block_mask.mask(rows, columns, rank)
    for k in range(columns):
        index = block_mask.row_index(k, rank)
        assert 0 <= index < rank
        assert np.flatnonzero(mask[:, k]).tolist() == list(range(index, rows, rank))
    assert block_mask.present_elements(rows, columns, rank) == mask.sum()


def test_the_printed_difference_of_residues_needs_the_outer_modulo():
    """Eq. (13): column mod p - offset mod p, which is negative for (nearly) half of the columns."""
    for rank in RANKS:
        columns = np.arange(rank * rank)
        printed = columns % rank - columns // rank % rank
        assert (printed < 0).sum() == rank * (rank - 1) // 2
        np.testing.assert_array_equal(block_mask.row_index(columns, rank), printed % rank)


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("rows, columns", RAGGED)
def test_sorted_by_blocks_a_gate_is_block_diagonal(rows, columns, rank):
    mask, blocks = block_mask.mask(rows, columns, rank), block_mask.blocks(rows, columns, rank)
    assert len(blocks) == rank
    by_row, by_column = (np.concatenate(order) for order in zip(*blocks, strict=True))
    assert sorted(by_row) == list(range(rows)) and sorted(by_column) == list(range(columns))
    moved = mask[np.ix_(by_row, by_column)]
    wanted, row, column = np.zeros_like(mask), 0, 0
    for own_rows, own_columns in blocks:
        wanted[row : row + len(own_rows), column : column + len(own_columns)] = True
        row, column = row + len(own_rows), column + len(own_columns)
        assert (np.diff(own_rows) > 0).all() and (np.diff(own_columns) > 0).all()
    np.testing.assert_array_equal(moved, wanted)


def test_equal_blocks_where_the_rank_divides():
    """The paper's case: H = 200, p = 4: 50 rows of a gate meet 50 columns, four times."""
    assert [(len(r), len(c)) for r, c in block_mask.blocks(200, 200, 4)] == [(50, 50)] * 4
    assert block_mask.present_elements(200, 200, 4) == 10_000


def test_no_memory_for_the_counts_of_huge_sizes():
    assert block_mask.present_elements(10**9, 10**9 + 3, 4) == 10**18 // 4 + 3 * 10**9 // 4
