"""The grids of one block-diagonal model: multipliers, shifts and bias (docs/numerics.md)."""

import math
from dataclasses import dataclass

import numpy as np

from pynq_lstm import overflow
from pynq_lstm.compression.block_codes import block_codes
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.numerics import M_SHIFTS, PRE_FRACTION_BITS, PRE_SHIFTS, SUM_SHIFTS
from pynq_lstm.parts import BlockDiagonalPart

M_MAX = 65_535
BIAS_BITS = 4  # pre_shift unless operands ask for more: the bias to 1/16 of a step of pre


@dataclass(frozen=True, eq=False)
class ModelGrid:
    """One model of a block-diagonal `CompressedModel`.

    Attributes
    ----------
    parts : dict of BlockDiagonalPart
        By side, each of this model alone.
    pre_shift : int
    bias : ndarray, (4 * hidden,), int32
    coarsened : int
        By how many powers of two operands are coarser than was asked for.
    """

    parts: dict
    pre_shift: int
    bias: np.ndarray
    coarsened: int


def model_grid(j, layer, options, units, exponents):
    """The finest grid of the accumulator on which nothing can overflow.

    Parameters
    ----------
    j : int
        Of the model, for the error.
    layer : Layer
    options : BlockDiagonalOptions
    units : dict of float
        Codes of x and of h a unit, by side.
    exponents : dict of int
        Of `BlockScales`, by side; raised where the shifts or 32 bits would not hold them.

    Raises
    ------
    CompressionError
        There is none.
    """
    matrices = {"input": layer.w_ih, "hidden": layer.w_hh}
    coded = {
        side: block_codes(
            matrices[side], options.rank(side), options.weight_bits, options.normalised
        )
        for side in PARTS
    }
    # one code of x or h is never more than the whole range of an operand
    asked = {
        side: max(exponents[side], _exponent(coded[side].scale.max() / units[side]))
        for side in PARTS
    }
    # log2 of the accumulator's steps in a product w p, for exponents and pre_shift of 0
    step = PRE_FRACTION_BITS - (options.weight_bits - 1) - (options.operand_bits - 1)
    finest = min(max(BIAS_BITS, *(-step - e for e in asked.values())), PRE_SHIFTS[-1])
    for pre_shift in range(finest, PRE_SHIFTS[0] - 1, -1):
        shifts = {side: max(step + asked[side] + pre_shift, 0) for side in PARTS}
        bias = np.rint(layer.bias.astype(np.float64) * 2.0 ** (PRE_FRACTION_BITS + pre_shift))
        if max(shifts.values()) not in SUM_SHIFTS or np.abs(bias).max() > overflow.INT32_MAX:
            continue
        used = {side: shifts[side] - step - pre_shift for side in PARTS}
        parts = {}
        for side, (codes, scale) in coded.items():
            steps = scale / units[side] * 2.0 ** (options.operand_bits - 1 - used[side])
            m, m_shift = multipliers(steps)
            rank = options.rank(side)
            parts[side] = BlockDiagonalPart(rank, (codes,), (m,), (m_shift,), (shifts[side],))
        (bound,) = overflow.sum_bounds(parts.values(), options.operand_bits, [bias], [pre_shift])
        if bound <= overflow.INT32_MAX:
            coarsened = sum(used[side] - exponents[side] for side in PARTS)
            return ModelGrid(parts, pre_shift, bias.astype(np.int32), coarsened)
    raise CompressionError(
        f"layers[{j}]",
        {**{side: 2.0**e for side, e in asked.items()}, "bias": float(np.abs(layer.bias).max())},
        "scaled activations or a bias too large for 32 bits",
        "clip the bias (beyond +-8 both curves are flat), or scale the weights to a common range",
    )


def multipliers(steps):
    """Steps of an operand in one code of x, as uint16 under the largest shift that holds them.

    Parameters
    ----------
    steps : ndarray, (inputs,), float64
        0 to 32,768.

    Returns
    -------
    m : ndarray, (inputs,), uint16
    m_shift : int
        0 to 31.
    """
    largest = steps.max()
    shift = max(s for s in M_SHIFTS if np.rint(largest * 2.0**s) <= M_MAX)
    return np.rint(steps * 2.0**shift).astype(np.uint16), shift


def _exponent(value):
    """The smallest e with value <= 2^e; far below any other for 0."""
    mantissa, exponent = math.frexp(value)
    return exponent - (mantissa == 0.5) if value else -(1 << 20)
