"""Half a sweep of block coordinate descent: every vector of one side in turn, then s.

x are the vectors that move, y those of the other side. The residuals E_j meet all y in one
matrix product, the images; within the half-sweep Gram matrices carry what has changed, so
that it costs one product with the matrices instead of one for each component.

What is minimised is the error, and beside it ``noise`` times the energies of the components:
what rounding them to codes is expected to add. Without it components grow against one
another until rounding them loses what they had gained.
"""

import numpy as np

from pynq_lstm.compression.factors import residual
from pynq_lstm.compression.nearest import nearest

# Of the normal matrix, as a share of its mean diagonal: above what float32 knows of slopes, so
# that components which are alike do not grow against one another.
RIDGE = 1e-6


def residual_images(weights, x, y, s, noise=0.0):
    """The residuals, and what they make of the vectors y.

    Parameters
    ----------
    weights : sequence of ndarray, (elements of x, elements of y), float32
    x, y : ndarray, (components, elements), float32
    s : ndarray, (components, models), float64
    noise : float
        Share of the energy of a component that rounding it later is expected to cost.

    Returns
    -------
    error : float
        Energy of the residuals, and noise times that of the components.
    images : list of ndarray, (components, elements of x)
        E_j y[r] of each model.
    """
    norms = (x * x).sum(axis=1, dtype=np.float64) * (y * y).sum(axis=1, dtype=np.float64)
    error, images = noise * float(((s * s).sum(axis=1) * norms).sum()), []
    for w, scalars in zip(weights, s.T):
        left = residual(w, x, y, scalars)
        error += float(np.vdot(left, left))
        images.append(y @ left.T)
    return error, images


def half_sweep(images, x, y, s, tiles, bits=None, noise=0.0):
    """Every x[r] at its minimiser in turn, then s at its own.

    The minimiser over x[r] is sum_j s[r, j] (E_j + s[r, j] x[r] y[r]^T) y[r] over
    |s[r]|^2 |y[r]|^2. With C = (s s^T) * (y y^T) and slope a[r] = sum_j s[r, j] E_j y[r] that
    is x[r] + (a[r] - C[r] d) / C[r, r], d being what the vectors before r have moved.

    Parameters
    ----------
    images : list of ndarray
        Of `residual_images` at x, y, s.
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
    found, moved, scale = x.copy(), np.zeros_like(x), np.ones(len(x))
    for r, own in enumerate(curvature.diagonal()):
        if not own > 0:  # no model uses it
            continue
        target = x[r] + (slope[r] - curvature[r, :r] @ moved[:r]) / own
        found[r], scale[r] = nearest(target, x[r], tiles, bits)
        moved[r] = real(scale[r]) * found[r] - x[r]
    fallen = float((moved * (2 * slope - curvature @ moved)).sum(dtype=np.float64))
    images = [image - (alike * c.astype(real)) @ moved for c, image in zip(s.T, images)]
    s, more = refit(images, found, y, s * scale[:, None], noise)
    return found, s, fallen + more


def refit(images, x, y, s, noise=0.0):
    """s of each model by joint least squares: normal matrix (x x^T) * (y y^T).

    Parameters
    ----------
    images, x, y, s
        As for `residual_images`.
    noise : float

    Returns
    -------
    s : ndarray, (components, models), float64
    fallen : float
        By how much the error falls.
    """
    wide = [vectors.astype(np.float64) for vectors in (x, y)]
    normal = np.prod([vectors @ vectors.T for vectors in wide], axis=0)
    noisy = noise * normal.diagonal()
    slopes = np.stack([(x * image).sum(axis=1, dtype=np.float64) for image in images], axis=1)
    slopes -= noisy[:, None] * s
    normal += np.diag(noisy)
    ridged = normal + np.eye(len(x)) * (RIDGE * np.trace(normal) / len(x))
    change = np.linalg.solve(ridged, slopes)
    fallen = float((change * (2 * slopes - normal @ change)).sum())
    return (s + change, fallen) if fallen > 0 else (s, 0.0)


def images_after(images, x, y, change):
    """The images once s has changed by `change`, (components, models)."""
    alike = y @ y.T
    return [image - (alike * c.astype(x.dtype)) @ x for c, image in zip(change.T, images)]
