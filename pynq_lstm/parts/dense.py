"""The dense kind: weight matrices of one model each, nothing shared."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.immutable import freeze


class OwnRows:
    """What bounds the sums of whatever has w and s of each model; a base without fields."""

    w: Tuple[np.ndarray, ...]
    s: Tuple[np.ndarray, ...]

    def u_sum(self):
        """Largest sum of the magnitudes of the weights of one dot product."""
        return max(int(np.abs(w).sum(axis=1, dtype=np.int64).max()) for w in self.w)

    def v_sums(self):
        """How often the magnitude of p is added to each gate output, (4, hidden) int64: once."""
        return np.ones((4, max(len(s) for s in self.s) // 4), np.int64)


@dataclass(frozen=True, eq=False)
class DensePart(OwnRows):
    """The weight matrices of one side of the LSTMs: the input's or the hidden state's.

    Row e of model j adds ``s[j][e] * (w[j][e] . x_j)`` to its gate output e: each gate
    output is a component of its own whose v is 1 there.

    Attributes
    ----------
    w : tuple of ndarray, (4 * hidden, inputs), int8
        One for each model, of its own sizes; rows gate after gate (i, f, g, o),
        units ascending.
    s : tuple of ndarray, (4 * hidden,), int16
        One for each model, a scalar for each row.
    s_shift : tuple of int
        One for each model: p = round(d * s / 2^s_shift).
    """

    w: Tuple[np.ndarray, ...]
    s: Tuple[np.ndarray, ...]
    s_shift: Tuple[int, ...]

    method = "dense"
    weight_bits = (4, 8)
    max_refinements = 1  # there are no prefixes

    def __post_init__(self):
        freeze(self, ("w", "s", "s_shift"))

    def p_count(self, inputs, hidden, refinements):
        """Values p of one step of a model with `hidden` units: one for each row."""
        return 4 * hidden

    def parameters(self):
        """Stored words: the weights and s."""
        return sum(a.size for a in self.w + self.s)

    def multiplications(self, inputs, hidden, refinements):
        """Products of one step of a model: the weights and s."""
        return 4 * hidden * (inputs + 1)
