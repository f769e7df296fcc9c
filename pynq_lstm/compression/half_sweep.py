"""Half a sweep of block coordinate descent: every vector of one side in turn, then s.

x are the vectors that move, y those of the other side. The residuals E_j meet all y at once
(`images`); within the half-sweep Gram matrices carry what has changed, so that it costs one
product with the matrices instead of one for each component.

What is minimised is the error, and beside it ``noise`` times the energies of the components:
what rounding them to codes is expected to add. Without it components grow against one
another until rounding them loses what they had gained.
"""

import numpy as np

from pynq_lstm.compression.images import dots
from pynq_lstm.compression.nearest import nearest

# Of the normal matrix, as a share of its mean diagonal: above what float32 knows of slopes, so
# that components which are alike do not grow against one another.
RIDGE = 1e-6
# Curvature of a vector up to which no model uses it: it stays, and the refit of s may take it up.
# Of less, float32 may hold neither the inverse nor the square of the vector that it would become.
UNUSED = 1e-30
BLOCK = 16  # vectors that learn in one product what those before them have moved


def half_sweep(images, x, y, s, tiles, bits=None, noise=0.0):
    """Every x[r] at its minimiser in turn, then s at its own.

    The minimiser over x[r] is sum_j s[r, j] (E_j + s[r, j] x[r] y[r]^T) y[r] over
    |s[r]|^2 |y[r]|^2. With C = (s s^T) * (y y^T) and slope a[r] = sum_j s[r, j] E_j y[r] that
    is x[r] + (a[r] - C[r] d) / C[r, r], d being what the vectors before r have moved.

    Parameters
    ----------
    images : list of ndarray
        Of `images.residual_images` at x, y, s.
    x, y, s
        As there; x codes if `bits` is given.
    tiles : Tiles
        Of x.
    bits : int, optional
    noise : float

    Returns
    -------
    x : ndarray
        Unit vectors, or codes.
    s : ndarray
    fallen : float
        By how much the error falls.
    """
    real = x.dtype.type
    alike = y @ y.T
    curvature = ((s @ s.T) * alike).astype(real)
    noisy = real(noise) * curvature.diagonal()
    slope = sum(c[:, None].astype(real) * image for c, image in zip(s.T, images))
    slope -= noisy[:, None] * x
    curvature[np.diag_indices_from(curvature)] += noisy
    if bits is None and not tiles.zero:
        found, moved, scale = _all(slope, curvature, x)
    else:
        found, moved, scale = _in_turn(slope, curvature, x, tiles, bits)
    fallen = float((moved * (2 * slope - curvature @ moved)).sum(dtype=np.float64))
    images = [image - (alike * c.astype(real)) @ moved for c, image in zip(s.T, images)]
    s, more = refit(images, found, y, s * scale[:, None], noise)
    return found, s, fallen + more


def _in_turn(slope, curvature, x, tiles, bits):
    """What x becomes, its moves, and its scales, vector by vector."""
    real = x.dtype.type
    found, moved, scale = x.copy(), np.zeros_like(x), np.ones(len(x))
    for first in range(0, len(x), BLOCK):
        rows = slice(first, first + BLOCK)
        ahead = slope[rows] - curvature[rows, :first] @ moved[:first]
        for r, (own, left) in enumerate(zip(curvature.diagonal()[rows], ahead), first):
            if not own > UNUSED:
                continue
            target = x[r] + (left - curvature[r, first:r] @ moved[first:r]) / own
            found[r], scale[r] = nearest(target, x[r], tiles, bits)
            moved[r] = real(scale[r]) * found[r] - x[r]
    return found, moved, scale


def _all(slope, curvature, x):
    """The same where every minimiser is allowed: one triangular system."""
    used = curvature.diagonal() > UNUSED
    lower = np.tril(curvature).astype(np.float64) + np.diag(~used)
    moved = (np.linalg.inv(lower) * used).astype(x.dtype) @ slope
    target = x + moved
    scale = np.sqrt(dots(target, target))
    scale[~(used & (scale > 0))] = 1
    return target / scale[:, None].astype(x.dtype), moved, scale


def refit(images, x, y, s, noise=0.0):
    """s of each model by joint least squares: normal matrix (x x^T) * (y y^T).

    Parameters
    ----------
    images, x, y, s
        As for `half_sweep`.
    noise : float

    Returns
    -------
    s : ndarray, (components, models), float64
    fallen : float
        By how much the error falls.
    """
    normal = (x @ x.T).astype(np.float64) * (y @ y.T)
    noisy = noise * normal.diagonal()
    slopes = np.stack([dots(x, image) for image in images], axis=1)
    slopes -= noisy[:, None] * s
    normal += np.diag(noisy)
    ridged = normal + np.eye(len(x)) * (RIDGE * np.trace(normal) / len(x))
    change = np.linalg.solve(ridged, slopes)
    fallen = float((change * (2 * slopes - normal @ change)).sum())
    return (s + change, fallen) if fallen > 0 else (s, 0.0)
