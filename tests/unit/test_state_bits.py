"""Gates and cells of fewer bits: docs/numerics.md, section 7, over all inputs of the curves."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from pynq_lstm import numerics

PRE = np.arange(-32768, 32768)
CURVES = {"sigmoid": numerics.sigmoid(PRE), "tanh": numerics.tanh(PRE)}


@pytest.mark.parametrize("bits", numerics.STATE_BITS)
@pytest.mark.parametrize("curve", CURVES)
def test_every_gate(curve, bits):
    y, step = CURVES[curve], 2 ** (16 - bits)
    found = numerics.narrow(y, bits)
    top = 2 ** (bits - 1) - 1
    values = {int(v): floor(Fraction(int(v), step) + Fraction(1, 2)) for v in np.unique(y)}
    wanted = {v: max(min(rounded, top), -top - 1) * step for v, rounded in values.items()}
    np.testing.assert_array_equal(found, [wanted[int(v)] for v in y])
    assert (np.diff(found) >= 0).all() and not (found % step).any()
    assert np.abs(found - y).max() <= step - (step > 1)  # half a step, and where 1 is cut off
    if bits == 16:
        np.testing.assert_array_equal(found, y)


def test_the_sum_of_the_cell_fits_whatever_the_bits():
    """f c + i g' of section 7: both gates at their ends, c and g' at theirs."""
    largest = max(
        int(numerics.narrow(CURVES["sigmoid"], bits).max()) for bits in numerics.STATE_BITS
    )
    lowest = min(
        int(numerics.narrow(CURVES["sigmoid"], bits).min()) for bits in numerics.STATE_BITS
    )
    g = max(int(np.abs(numerics.narrow(CURVES["tanh"], b)).max()) for b in numerics.STATE_BITS)
    assert (largest, lowest, g) == (32764, 0, 32768)
    assert largest * 32768 + largest * numerics.round_shift(g, 1) + 2**14 < 2**31
    # rounded to 4 bits at once: the shifts of section 2 add no more than one at the place of 2^26
    assert (largest * 32768 + largest * 2**14 >> 26) + 1 < 2**31


@pytest.mark.parametrize("bits", numerics.STATE_BITS)
def test_a_cell_is_rounded_once(bits):
    """Not to 16 bits and then again: 0.4999 of a step must not become half of one, and then one."""
    below = (1 << 30 - bits) - 1  # just below half a step of the cell, in steps of f c
    once = numerics.round_shift(below, 31 - bits)
    twice = numerics.round_shift(numerics.round_shift(below, 15), 16 - bits)
    assert once == 0 and (twice == 1) == (bits < 16)
