"""Packed matrices, read place by place, give back matrix times vector, and no absent word."""

import numpy as np
import pytest
from layouts import LAYOUTS
from naive_panels import in_place, multiply, words_of

from pynq_lstm.runtime.cpu.packing import Piece, aligned, inputs_per_word, pack

LINE = 64


def sparse(rng, rows, inputs):
    """Codes of which whole blocks are absent: of rows, of columns, of both."""
    codes = rng.integers(-127, 128, (rows, inputs)).astype(np.int8)
    tile = int(rng.integers(1, 20))
    present = rng.random((-(-rows // tile), -(-inputs // tile))) < rng.choice([0.1, 0.5, 1.0])
    return codes * np.repeat(np.repeat(present, tile, 0), tile, 1)[:rows, :inputs]


def random_sections(rng, layout, wide, smallest):
    """One to four sections of one or two pieces, their inputs side by side; and what they mean."""
    sections, dense, words = [], [], 0
    widths = [int(n) for n in rng.integers(1, 40, rng.integers(1, 3))]
    begins = np.cumsum(
        [0, *(-(-n // inputs_per_word(wide)) + int(rng.integers(3)) for n in widths)]
    )
    words = int(begins[-1])
    for _ in range(rng.integers(1, 5)):
        rows = int(rng.integers(1, 9)) * smallest * layout.lanes
        pieces = [Piece(sparse(rng, rows, n), int(at)) for n, at in zip(widths, begins)]
        whole = np.zeros((rows, words * inputs_per_word(wide)), np.int64)
        for weights, word in pieces:
            begin = word * inputs_per_word(wide)
            whole[:, begin : begin + weights.shape[1]] = weights
        sections.append(pieces)
        dense.append(whole)
    return sections, np.concatenate(dense), words


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


@pytest.mark.parametrize("smallest", [2, 4])
@pytest.mark.parametrize("wide", [False, True])
def test_matrix_times_vector(layout, wide, smallest):
    rng = np.random.default_rng(7)
    for _ in range(20):
        sections, dense, words = random_sections(rng, layout, wide, smallest)
        matrix = pack(layout, sections, wide, smallest)
        x = rng.integers(-32768 if wide else -128, 32768 if wide else 256, dense.shape[1])
        np.testing.assert_array_equal(multiply(layout, matrix, wide, x), dense @ x)
        check_panels(layout, matrix, dense.reshape(len(dense), words, -1).any(axis=2), smallest)


def check_panels(layout, matrix, present, smallest):
    """Panels adjoin in rows, runs and weights; runs ascend and have no absent end."""
    row = weights = run = 0
    for begin, vectors, first, runs, at in matrix.panels:
        assert (begin, first, at) == (row, run, weights)
        run += runs
        assert vectors % smallest == 0 and vectors <= layout.panel_vectors
        row += vectors * layout.lanes
        of_panel = present[begin:row].any(axis=0)
        kept = np.zeros_like(of_panel)
        last = -1
        for word, words in matrix.runs[first : first + runs]:
            assert word > last and words > 0
            assert not kept[word : word + words].any()
            kept[word : word + words] = True
            last = word + words  # adjacent words are one run
        np.testing.assert_array_equal(kept, of_panel, err_msg="words that a panel keeps")
        weights += int(kept.sum()) * vectors * 4 * layout.lanes
    assert (row, run, weights) == (matrix.rows, len(matrix.runs), len(matrix.weights))
    assert matrix.rows == len(present)
    assert not weights or matrix.weights.ctypes.data % LINE == 0


def test_tiles_that_are_absent_cost_nothing(layout):
    """Rows that have nothing in common are panels of their own; alike ones stand together."""
    height, most = 2 * layout.lanes, layout.panel_vectors
    apart = np.zeros((most // 2 * height, 400), np.int8)
    for k in range(most // 2):
        apart[k * height : (k + 1) * height, 100 * k : 100 * (k + 1)] = 1
    matrix = pack(layout, [[Piece(apart, 0)]], wide=False)
    assert [panel[1] for panel in matrix.panels] == [2] * (most // 2)
    assert len(matrix.weights) == np.count_nonzero(apart)
    alike = pack(layout, [[Piece(np.ones_like(apart), 0)]], wide=False)
    assert [panel[1] for panel in alike.panels] == [most] and len(alike.runs) == 1


def test_nothing_to_pack(layout):
    for sections in ([], [[Piece(np.zeros((0, 8), np.int8), 0)]]):
        matrix = pack(layout, sections, wide=False)
        assert (matrix.panels, matrix.runs, len(matrix.weights), matrix.rows) == ([], [], 0, 0)
    for inputs in (0, 9):
        zeros = np.zeros((4 * layout.lanes, inputs), np.int8)
        matrix = pack(layout, [[Piece(zeros, 0)]], wide=False)
        assert not matrix.runs and not len(matrix.weights) and matrix.rows == len(zeros)
        assert not multiply(layout, matrix, False, np.ones(12)).any()


def test_rows_in_the_order_of_the_kernel(layout):
    rng = np.random.default_rng(8)
    for order, reorder in (
        (layout.pair_order, layout.in_pairs),
        (layout.quad_order, layout.in_quads),
    ):
        assert sorted(order) == list(range(len(order)))
        rows = rng.integers(0, 100, (3, 5 * len(order)))
        for found, wanted in zip(reorder(rows), rows):
            np.testing.assert_array_equal(in_place(order, found), wanted)


def test_rows_are_padded_to_whole_vectors(layout):
    for vectors in (2, 4):
        block = vectors * layout.lanes
        for rows in range(3 * block):
            padded = layout.padded(rows, vectors)
            assert padded % block == 0 and rows <= padded < rows + block
    assert layout.padded(1) == 2 * layout.lanes


def test_codes_in_words():
    np.testing.assert_array_equal(words_of([1, -2, 3], 2, wide=True), [1, -2, 3, 0])
    np.testing.assert_array_equal(
        words_of([1, -2], 1, wide=False, offset=128), [129, 126, 128, 128]
    )
    assert (inputs_per_word(True), inputs_per_word(False)) == (2, 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float64])
def test_aligned_copies(dtype):
    for size in (0, 1, 63, 64, 1000):
        array = np.arange(size).astype(dtype)
        copy = aligned(array)
        assert not size or copy.ctypes.data % LINE == 0
        assert copy.dtype == dtype
        np.testing.assert_array_equal(copy, array)
        assert not np.shares_memory(copy, array)
