"""The block-diagonal kind: pruned matrices of one model each, columns normalised."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm import block_mask
from pynq_lstm.immutable import freeze

RANKS = (2, 4, 8, 16)
OPERAND_BITS = (4, 6, 8)


@dataclass(frozen=True, eq=False)
class BlockDiagonalPart:
    """The weight matrices of one side of the LSTMs: the input's or the hidden state's.

    Column k of model j adds ``w[j][:, k] * p * 2^sum_shift[j]`` to its gate outputs, where
    ``p = round(x_k * m[j][k] / 2^m_shift[j])`` is the normalised element k of the input
    (Zheng et al., eqs. 9 to 12): a component whose u is 1 at k.

    Attributes
    ----------
    rank : int
        Of the mask, 2, 4, 8 or 16: one in so many weights is present (`block_mask`).
    w : tuple of ndarray, (4 * hidden, inputs), int8
        One for each model, of its own sizes; rows gate after gate (i, f, g, o), units
        ascending. Absent elements are zero.
    m : tuple of ndarray, (inputs,), uint16
        One for each model: a multiplier for each element of the input, which holds the scale
        of the column, of the input and of the normalised element.
    m_shift : tuple of int
        One for each model, 0 to 31: p = round(x * m / 2^m_shift).
    sum_shift : tuple of int
        One for each model, 0 to 15: the accumulator's units in a product w p are 2^sum_shift.
    """

    rank: int
    w: Tuple[np.ndarray, ...]
    m: Tuple[np.ndarray, ...]
    m_shift: Tuple[int, ...]
    sum_shift: Tuple[int, ...]

    method = "block_diagonal"
    weight_bits = (2, 4, 8)
    max_refinements = 1  # there are no prefixes

    def __post_init__(self):
        freeze(self, ("w", "m", "m_shift", "sum_shift"))

    def v_sums(self):
        """Sums of the magnitudes of w in the accumulator's units, (models, 4, hidden) int64."""
        hidden = max(len(w) for w in self.w) // 4
        sums = np.zeros((len(self.w), 4, hidden), np.int64)
        for j, (w, shift) in enumerate(zip(self.w, self.sum_shift)):
            rows = np.abs(w).sum(axis=1, dtype=np.int64).reshape(4, -1)
            sums[j, :, : rows.shape[1]] = rows << shift
        return sums

    def p_count(self, inputs, hidden, refinements):
        """Values p of one step of a model: one for each element of the input."""
        return inputs

    def parameters(self):
        """Stored words: the present weights and m."""
        sizes = [(len(w) // 4, w.shape[1]) for w in self.w]
        weights = sum(4 * block_mask.present_elements(*size, self.rank) for size in sizes)
        return weights + sum(m.size for m in self.m)

    def multiplications(self, inputs, hidden, refinements):
        """Products of one step of a model: the present weights, and m."""
        return 4 * block_mask.present_elements(hidden, inputs, self.rank) + inputs
