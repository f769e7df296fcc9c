"""The best vector for a target: tiles by exhaustive search, codes by their neighbours."""

import itertools

import numpy as np
import pytest

from pynq_lstm.compression.nearest import nearest
from pynq_lstm.compression.options import Tiles

CASES = [(12, Tiles(3, 2)), (13, Tiles(3, 2)), (10, Tiles(4, 1)), (7, Tiles(7)), (6, Tiles(1, 4))]


def choices(length, tiles):
    """Every mask of elements with `tiles.zero` tiles absent."""
    count = -(-length // tiles.size)
    for chosen in itertools.combinations(range(count), count - tiles.zero):
        yield np.isin(np.arange(length) // tiles.size, chosen)


def distance(target, pair):
    vector, scale = pair
    return ((target - scale * vector) ** 2).sum()


@pytest.mark.parametrize("length, tiles", CASES)
def test_without_a_grid_the_tiles_are_the_best_of_all(length, tiles):
    rng = np.random.default_rng(length)
    for _ in range(20):
        target, current = rng.standard_normal((2, length))
        vector, scale = nearest(target, current, tiles)
        best = min(((target - target * mask) ** 2).sum() for mask in choices(length, tiles))
        np.testing.assert_allclose(distance(target, (vector, scale)), best, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(vector @ vector, 1)


@pytest.mark.parametrize("bits, top", ((8, 127), (4, 7)))
@pytest.mark.parametrize("length, tiles", CASES)
def test_on_the_grid_tiles_and_codes_are_the_best_for_the_scale(length, tiles, bits, top):
    rng = np.random.default_rng(length + bits)
    for _ in range(20):
        target = rng.standard_normal(length)
        codes, scale = nearest(target, np.zeros(length), tiles, bits)
        assert np.array_equal(codes, np.rint(codes)) and np.abs(codes).max() <= top
        on_grid = np.clip(np.rint(target / scale), -top, top) * scale
        best = min(((target - on_grid * mask) ** 2).sum() for mask in choices(length, tiles))
        np.testing.assert_allclose(distance(target, (codes, scale)), best, rtol=1e-9)


@pytest.mark.parametrize("bits", (8, 4))
def test_codes_that_are_closer_stay(bits):
    rng = np.random.default_rng(bits)
    stayed = 0
    for _ in range(100):
        current = rng.integers(-7, 8, 9).astype(float)
        target = current + rng.standard_normal(9) * rng.choice([0.01, 1.0])
        found = nearest(target, current, Tiles(9), bits)
        assert distance(target, found) <= distance(target, (current, 1.0)) + 1e-12
        stayed += found[0] is current
    assert 5 < stayed < 95


@pytest.mark.parametrize("bits", (None, 8))
def test_a_target_of_zeros_changes_nothing(bits):
    current = np.array([3.0, 0, -2])
    vector, scale = nearest(np.zeros(3), current, Tiles(3), bits)
    assert scale == 1 and (vector == (current if bits is None else vector)).all()
    assert vector.any()


def test_equal_tiles_are_pruned_in_order():
    assert Tiles(2, 2).kept(np.ones(5)).tolist() == [False, False, True, True, False]
    assert Tiles(2, 2).kept(np.ones(6)).tolist() == [False] * 4 + [True] * 2
