"""Models computed number by number, in Python's integers, from docs/numerics.md: dense ones.

`naive_block_diagonal` has the other kind of matrices, and shares the cell.
"""

from fractions import Fraction
from math import floor

import numpy as np

from pynq_lstm import numerics


def rounded(value, shift):
    """Section 2: floor(v / 2^k + 1/2), exact for k <= 0."""
    if shift <= 0:
        return value << -shift
    return floor(Fraction(value, 1 << shift) + Fraction(1, 2))


class Naive:
    """One run; `out`, `h`, `c` and `saturated` are those of `reference.IntegerResult`."""

    def __init__(self, model, x, h, c, lengths):
        self.model, self.saturated = model, {"p": 0, "pre": 0, "c": 0}
        self.out = [np.zeros((*x[j].shape[:2], n), int) for j, n in enumerate(model.hidden_sizes)]
        self.h, self.c = [np.array(a, int) for a in h], [np.array(a, int) for a in c]
        for j in range(model.models):
            for b, length in enumerate(lengths):
                for t in range(int(length)):
                    self._step(j, b, [int(v) for v in x[j][b, t]])
                    self.out[j][b, t] = self.h[j][b]

    def _step(self, j, b, x):
        model, size = self.model, self.model.hidden_sizes[j]
        before = [int(v) for v in self.h[j][b]]
        pre = []
        for e in range(4 * size):
            acc = int(model.bias[j][e])
            for part, inputs in ((model.input, x), (model.hidden, before)):
                acc += self._row(part, j, e, inputs)
            assert abs(acc) < 1 << 31
            pre.append(self._clipped("pre", rounded(acc, model.pre_shift[j]), 16))
        for unit in range(size):
            self._cell(j, b, unit, *(pre[gate * size + unit] for gate in range(4)))

    def _row(self, part, j, e, inputs):
        """Section 4, dense parts: p of one gate output."""
        d = sum(int(w) * v for w, v in zip(part.w[j][e], inputs, strict=True))
        assert abs(d) < 1 << 31
        scaled = rounded(d * int(part.s[j][e]), part.s_shift[j])
        return self._clipped("p", scaled, self.model.p_bits)

    def _cell(self, j, b, unit, *gates):
        """Section 7; the curves of section 6 are those of `numerics`."""
        fewer = 16 - self.model.gate_bits
        curves = [numerics.tanh if k == 2 else numerics.sigmoid for k in range(4)]
        i, f, g, o = (
            clip(rounded(int(curve(v)), fewer), 16 - fewer) * 2**fewer
            for curve, v in zip(curves, gates, strict=True)
        )
        fraction, bits = self.model.cell_fraction_bits[j], self.model.activation_bits
        g, fewer = rounded(g, 15 - fraction), 16 - self.model.cell_bits
        total = f * int(self.c[j][b, unit]) + i * g
        assert abs(total) < 1 << 31
        c = self._clipped("c", rounded(total, 15 + fewer), 16 - fewer) * 2**fewer
        t = int(numerics.tanh(clip(rounded(c, fraction - 12), 16)))
        self.c[j][b, unit] = c
        self.h[j][b, unit] = clip(rounded(rounded(o * t, 15), 16 - bits), bits)

    def _clipped(self, kind, value, bits):
        kept = clip(value, bits)
        self.saturated[kind] += kept != value
        return kept


def clip(value, bits):
    """Section 2: sat."""
    return min(max(value, -(1 << bits - 1)), (1 << bits - 1) - 1)
