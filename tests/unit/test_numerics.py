"""Rounding, saturation, quantisation and the sigma tables against exact arithmetic."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from pynq_lstm import numerics

ALL_PRE = np.arange(-32768, 32768, dtype=np.int64)
ONE = 1 << numerics.SIGMA_FRACTION_BITS
FUNCTIONS = {"sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh}


def exact_round(v, shift):
    """floor(v / 2^shift + 1/2) in rational numbers."""
    return floor(Fraction(int(v)) / Fraction(2) ** shift + Fraction(1, 2))


def interesting(rng, shift, bits=47):
    """Values around every kind of tie, and the extremes of the product d * s."""
    half = 1 << max(shift - 1, 0)
    near = [k * half + e for k in range(-5, 6) for e in (-1, 0, 1)]
    edge = [sign * (1 << bits) + e for sign in (-1, 1) for e in (-1, 0, 1)]
    return np.array(near + edge + rng.integers(-(1 << bits), 1 << bits, 40).tolist(), np.int64)


@pytest.mark.parametrize("shift", range(-8, 48))
def test_round_shift_is_exact(shift):
    v = interesting(np.random.default_rng(shift + 8), shift)
    expected = [exact_round(value, shift) for value in v]
    assert numerics.round_shift(v, shift).tolist() == expected
    assert numerics.round_shift(v, np.int32(shift)).tolist() == expected
    assert numerics.round_shift(v, np.full(v.shape, shift)).tolist() == expected


def test_round_shift_takes_a_shift_for_each_value():
    shifts = np.arange(-8, 48)
    v = np.full(shifts.shape, -12345)
    assert numerics.round_shift(v, shifts).tolist() == [exact_round(-12345, k) for k in shifts]


@pytest.mark.parametrize("bits", (4, 8, 10, 16))
@pytest.mark.parametrize("shift", (-8, -1, 0, 1, 5, 31, 47))
def test_requantise_rounds_once_and_clips(bits, shift):
    v = interesting(np.random.default_rng(bits), shift)
    around = np.arange(-3, 4) * (1 << max(shift - 1, 0))
    v = np.concatenate([v, *(around + (limit << max(shift, 0)) for limit in numerics.limits(bits))])
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    expected = [min(max(exact_round(value, shift), low), high) for value in v]
    assert numerics.requantise(v, shift, bits).tolist() == expected
    assert {low, high} <= set(expected)


@pytest.mark.parametrize("bits, low, high", ((4, -8, 7), (8, -128, 127), (16, -32768, 32767)))
def test_limits_and_saturate(bits, low, high):
    assert numerics.limits(bits) == (low, high)
    v = np.array([-(1 << 60), low - 1, low, -1, 0, high, high + 1, 1 << 60])
    assert numerics.saturate(v, bits).tolist() == [low, low, low, -1, 0, high, high, high]


def exact_sigma(name, pre):
    """Section 6 in Python integers, from the knots."""
    knots, width, top = {
        "sigmoid": (numerics.SIGMOID_KNOTS, 512, 32767),
        "tanh": (numerics.TANH_KNOTS, 256, 16383),
    }[name]
    a = min(abs(pre), top)
    low, high = int(knots[a // width]), int(knots[a // width + 1])
    y = low + floor(Fraction((high - low) * (a % width), width) + Fraction(1, 2))
    return y if pre >= 0 else (ONE - y if name == "sigmoid" else -y)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sigma_is_the_document(name):
    sample = [*range(-32768, 32768, 7), -32768, 32767, *range(16380, 16390), 0, -1]
    computed = getattr(numerics, name)(np.array(sample, np.int64)).tolist()
    assert computed == [exact_sigma(name, pre) for pre in sample]


@pytest.mark.parametrize("name, claimed", (("sigmoid", 1.9e-4), ("tanh", 3.4e-4)))
def test_sigma_error_over_all_inputs(name, claimed):
    error = np.abs(getattr(numerics, name)(ALL_PRE) / ONE - FUNCTIONS[name](ALL_PRE / 4096))
    assert error.max() <= claimed < 5e-4  # the design allows the latter
    assert error.max() > claimed - 1e-5  # the document does not overstate


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sigma_is_symmetric_monotone_and_in_range(name):
    y = getattr(numerics, name)(ALL_PRE)
    assert (np.diff(y) >= 0).all()
    offset = ONE if name == "sigmoid" else 0
    assert np.array_equal(y[1:][::-1] + y[1:], np.full(65535, offset))  # -32767 .. 32767
    assert y[0] == y[1]  # -32768 is limited to -32767
    # gates stay int16, and o * t < 1, which docs/numerics.md, section 8, relies on
    assert y.max() < ONE
    assert y.min() > (0 if name == "sigmoid" else -ONE)
    assert y[32768] == offset // 2


@pytest.mark.parametrize("name", FUNCTIONS)
def test_knots_are_the_formula_of_the_document(name):
    knots, width = {
        "sigmoid": (numerics.SIGMOID_KNOTS, 1 / 8),
        "tanh": (numerics.TANH_KNOTS, 1 / 16),
    }[name]
    assert len(knots) == 65
    x = np.arange(65) * width
    f = FUNCTIONS[name](x)
    second = f * (1 - f) * (1 - 2 * f) if name == "sigmoid" else -2 * f * (1 - f * f)
    formula = f - second * width**2 / 16
    formula[-1] = (f[-1] + 1) / 2
    assert np.abs(knots - formula * ONE).max() <= 1


def test_quantise_rounds_half_to_even_in_float32():
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4999998, 126.5, -0.0], np.float32)
    codes, clipped = numerics.quantise(x, 1.0, 8)
    assert codes.tolist() == [0, 2, 2, 0, -2, -2, 2, 126, 0]
    assert (codes.dtype, clipped) == (np.int64, 0)


def test_quantise_multiplies_in_float32():
    x, scale = np.array([0.72154653], np.float32), 32.568930
    assert np.rint(x.astype(np.float64) * scale).tolist() == [23]
    assert numerics.quantise(x, scale, 8)[0].tolist() == [24]


@pytest.mark.parametrize("bits", (8, 16))
def test_quantise_saturates_and_counts(bits):
    low, high = numerics.limits(bits)
    x = np.array(
        [low - 0.5, low - 0.501 * (bits == 8) - 1, low, high, high + 0.25, high + 1], np.float32
    )
    codes, clipped = numerics.quantise(x, 1.0, bits)
    assert codes.tolist() == [low, low, low, high, high, high]
    assert clipped == 2


@pytest.mark.filterwarnings("error")
def test_quantise_overflow_to_infinity_saturates_without_a_warning():
    x = np.array([3e38, -3e38, 1e-45], np.float32)
    codes, clipped = numerics.quantise(x, 1e30, 8)
    assert codes.tolist() == [127, -128, 0]
    assert clipped == 2


@pytest.mark.parametrize("bits", (0, 7, 14, 15))
def test_dequantise_is_exact_and_quantise_its_inverse(bits):
    codes = ALL_PRE if bits > 7 else np.arange(-128, 128)
    x = numerics.dequantise(codes, bits)
    assert x.dtype == np.float32
    assert np.array_equal(x.astype(np.float64) * 2.0**bits, codes)
    again, clipped = numerics.quantise(x, 2.0**bits, 16)
    assert np.array_equal(again, codes) and clipped == 0
