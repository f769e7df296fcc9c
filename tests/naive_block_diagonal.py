"""A block-diagonal model computed number by number, in Python's integers, from docs/numerics.md."""

import naive_dense
from naive_dense import rounded


def present(i, j, p):
    """Eq. (7) of the paper, as it is printed: row i and column j of a gate."""
    offset = i // p * p + j // p
    c, d = i % p, j % p
    return (offset + c) % p == d


class Naive(naive_dense.Naive):
    """One run; the elements of an input are normalised once, not once for each row."""

    def _step(self, j, b, x):
        self._normalised = {}
        super()._step(j, b, x)

    def _row(self, part, j, e, inputs):
        """Section 4, block-diagonal parts."""
        side = "input" if part is self.model.input else "hidden"
        if side not in self._normalised:
            self._normalised[side] = [
                self._clipped(
                    "p", rounded(x * int(part.m[j][k]), part.m_shift[j]), self.model.p_bits
                )
                for k, x in enumerate(inputs)
            ]
        unit = e % self.model.hidden_sizes[j]
        d = sum(
            int(part.w[j][e, k]) * p
            for k, p in enumerate(self._normalised[side])
            if present(unit, k, part.rank)
        )
        assert abs(d) < 1 << 31
        return d * 2 ** part.sum_shift[j]
