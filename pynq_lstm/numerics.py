"""The one integer definition: rounding, saturation, quantisation, sigma tables.

Everything here is stated in ``docs/numerics.md``; the section numbers below are
that document's. The C kernels and the HLS sources equal these functions with a
difference of 0 LSB.
"""

import numpy as np

from pynq_lstm import sigma_knots

PRE_FRACTION_BITS = 12  # pre-activations: int16, 2^-12
SIGMA_FRACTION_BITS = 15  # outputs of sigmoid and tanh: int16, 2^-15
PRE_BITS = CELL_BITS = 16
# Ranges of a model's fields (sections 4 and 7).
PRE_SHIFTS = range(-8, 25)
S_SHIFTS = range(48)
CELL_FRACTIONS = range(15)
M_SHIFTS = range(32)
SUM_SHIFTS = range(16)
STATE_BITS = range(4, 17)  # of gates, and of c

# Section 6. Knots of the piecewise linear curves at k / 8 (sigmoid) and k / 16 (tanh), in 2^-15.
SIGMOID_KNOTS = np.array(sigma_knots.SIGMOID, dtype=np.int64)
TANH_KNOTS = np.array(sigma_knots.TANH, dtype=np.int64)
SIGMOID_SEGMENT_BITS = 9  # a segment spans 2^9 codes of pre: 1/8
TANH_SEGMENT_BITS = 8  # 2^8 codes: 1/16


def limits(bits):
    """Smallest and largest code of a signed integer of `bits` bits."""
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def saturate(v, bits):
    """Clip the integers `v` to `bits` bits (section 2)."""
    return np.clip(v, *limits(bits))


def round_shift(v, shift):
    """round(v / 2^shift) = floor(v / 2^shift + 1/2); exact for shift <= 0 (section 2).

    Parameters
    ----------
    v : ndarray of int64
    shift : int or ndarray of int
        -8 to 47.
    """
    v = np.asarray(v, dtype=np.int64)
    right = np.maximum(shift, 1)
    rounded = ((v >> (right - 1)) + 1) >> 1
    return np.where(np.greater(shift, 0), rounded, v << np.maximum(-np.asarray(shift), 0))


def requantise(v, shift, bits):
    """Bring `v` to a grid that is 2^shift coarser, rounded once, then saturate (section 2)."""
    return saturate(round_shift(v, shift), bits)


def narrow(v, bits):
    """int16 codes on the grid of `bits` bits, their scale kept (section 7).

    sat_bits(round(v / 2^(16 - bits))) 2^(16 - bits); 16 bits change nothing.
    """
    return requantise(v, 16 - bits, bits) << (16 - bits)


def quantise(x, inverse_scale, bits):
    """Float values to codes: rint(x * inverse_scale) in float32, saturated (section 3).

    Parameters
    ----------
    x : ndarray of float32
        Finite.
    inverse_scale : float
        Codes a unit; taken as float32.
    bits : int

    Returns
    -------
    codes : ndarray of int64
    clipped : int
        How many values left the range.
    """
    low, high = limits(bits)
    with np.errstate(over="ignore"):
        steps = np.rint(np.asarray(x, np.float32) * np.float32(inverse_scale))
    codes = np.minimum(np.maximum(steps, low), high)
    return codes.astype(np.int64), int(np.count_nonzero(codes != steps))


def dequantise(codes, fraction_bits):
    """Codes to float32, exactly: code * 2^-fraction_bits (section 3)."""
    return np.ldexp(codes.astype(np.float32), -fraction_bits)


def _piecewise_linear(magnitude, knots, segment_bits):
    segment = magnitude >> segment_bits
    position = magnitude & ((1 << segment_bits) - 1)
    rise = (knots[segment + 1] - knots[segment]) * position
    return knots[segment] + round_shift(rise, segment_bits)


def sigmoid(pre):
    """Logistic function of int16 codes of 2^-12, as codes of 2^-15 (section 6).

    Absolute error at most 1.9e-4 over all 65,536 inputs.
    """
    magnitude = np.minimum(np.abs(np.asarray(pre, np.int64)), 32767)
    y = _piecewise_linear(magnitude, SIGMOID_KNOTS, SIGMOID_SEGMENT_BITS)
    return np.where(np.less(pre, 0), (1 << SIGMA_FRACTION_BITS) - y, y)


def tanh(pre):
    """Hyperbolic tangent of int16 codes of 2^-12, as codes of 2^-15 (section 6).

    Absolute error at most 3.4e-4 over all 65,536 inputs.
    """
    magnitude = np.minimum(np.abs(np.asarray(pre, np.int64)), 16383)  # the curve ends at 4
    y = _piecewise_linear(magnitude, TANH_KNOTS, TANH_SEGMENT_BITS)
    return np.where(np.less(pre, 0), -y, y)
