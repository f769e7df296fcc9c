"""Codes of vectors: least squares against the best multiple, at 8 and at 4 bits."""

import numpy as np
import pytest

from pynq_lstm.compression.grid import codes

TOP = {8: 127, 4: 7}


def vectors(count=200):
    rng = np.random.default_rng(3)
    for _ in range(count):
        yield rng.standard_normal(int(rng.integers(2, 129))) * 10.0 ** rng.integers(-6, 7)


def lost(q, vector):
    """Squared error against the best multiple of q, by solving for it."""
    q = q.astype(np.float64)[:, None]
    best = np.linalg.lstsq(q, vector, rcond=None)[0]
    return ((vector - q @ best) ** 2).sum() / (vector**2).sum()


def rounded(vector, bits, clip):
    """Codes where `clip` times the largest element meets the largest code."""
    top = TOP[bits]
    scaled = vector / (clip * np.abs(vector).max()) * top
    return np.array([max(-top, min(top, round(value))) for value in scaled])


def test_four_bits_choose_the_best_range():
    better = 0
    for vector in vectors():
        found = lost(codes(vector, 4), vector)
        whole = lost(rounded(vector, 4, 1.0), vector)
        best = min(lost(rounded(vector, 4, clip), vector) for clip in (1, 0.9, 0.8, 0.7, 0.6, 0.5))
        assert found <= whole * (1 + 1e-9)
        assert found == pytest.approx(best, rel=1e-9)
        better += found < 0.99 * whole
    assert better > 50


def test_four_bits_by_hand():
    """An outlier is clipped: at its full range the others are 0.49 of a step, and lost."""
    vector = np.array([10.0] + 40 * [0.7, -0.7])
    assert rounded(vector, 4, 1.0).tolist() == [7] + 80 * [0]
    assert codes(vector, 4).tolist() == [7] + 40 * [1, -1]


def test_eight_bits_use_the_whole_range():
    for vector in vectors():
        q = codes(vector, 8)
        peak = np.abs(vector).argmax()
        assert q[peak] == 127 * np.sign(vector[peak])
        np.testing.assert_array_equal(q, rounded(vector, 8, 1.0))
        assert lost(q, vector) < 1e-3


@pytest.mark.parametrize("bits", [8, 4])
def test_every_vector(bits):
    for vector in vectors():
        q = codes(vector, bits)
        assert q.dtype == np.int8 and q.shape == vector.shape
        assert np.abs(q.astype(int)).max() == TOP[bits]
        np.testing.assert_array_equal(codes(-vector, bits), -q)
        np.testing.assert_array_equal(codes(vector * 1024, bits), q)


@pytest.mark.parametrize("bits", [8, 4])
def test_zeros(bits):
    q = codes(np.zeros(5), bits)
    assert q.dtype == np.int8 and q.tolist() == [0] * 5
    assert codes(np.array([0.0, -2.0, 0.0]), bits).tolist() == [0, -TOP[bits], 0]
