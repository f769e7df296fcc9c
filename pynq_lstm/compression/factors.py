"""Components of one gate as floating-point numbers, and their way to integer codes."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.compression import grid


@dataclass(frozen=True, eq=False)
class Factors:
    """W_j is approximately the sum over r of s[r, j] u[r] v[r]^T.

    Attributes
    ----------
    u : ndarray, (components, inputs), float32
    v : ndarray, (components, units), float32
    s : ndarray, (components, models), float64
    """

    u: np.ndarray
    v: np.ndarray
    s: np.ndarray

    def error(self, weights, inside=None):
        """Energy of what is left of `weights`, (models, inputs, units), where `inside`."""
        left = [residual(w, self.u, self.v, s) for w, s in zip(weights, self.s.T)]
        if inside is not None:
            left = [np.where(own, one, 0) for own, one in zip(inside, left)]
        return sum(float((one.astype(np.float64) ** 2).sum()) for one in left)


def residual(w, x, y, s):
    """One matrix less its components, (elements of x, elements of y).

    Parameters
    ----------
    w : ndarray, (elements of x, elements of y), float32
    x, y : ndarray, (components, elements), float32
    s : ndarray, (components,), float64
    """
    return w - (x * s[:, None].astype(x.dtype)).T @ y


def rounded(factors, bits):
    """Every vector as codes of its own scale, which s takes.

    Parameters
    ----------
    factors : Factors
    bits : int
        8 or 4.

    Returns
    -------
    Factors
        u and v hold integers.
    """
    s, vectors = factors.s, []
    for rows in (factors.u, factors.v):
        codes = np.stack([grid.codes(row, bits) for row in rows]).astype(rows.dtype)
        energy = (codes * codes).sum(axis=1, dtype=np.float64)
        s = s * ((codes * rows).sum(axis=1, dtype=np.float64) / np.maximum(energy, 1))[:, None]
        vectors.append(codes)
    return Factors(*vectors, s)
