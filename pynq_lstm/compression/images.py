"""What the residuals of a gate make of vectors, as a rule without making the residuals.

E_j y[r] is W_j y[r] less the components' own images of y[r], which Gram matrices give: the
matrices themselves are read once. Where next to nothing is left of what cancels, the matrices or
components that stand against one another, that difference would drown in what float32 rounds off
it, so there the residuals are made.
"""

import numpy as np

from pynq_lstm.compression.factors import residual

# Share of the energy, the larger of that of the matrices and that of all components, each for
# itself, below which the residuals are made.
SMALL = 1e-2


class Matrices:
    """The matrices of a gate as the vectors x of one side and y of the other meet them.

    Parameters
    ----------
    weights : sequence of ndarray, (elements of x, elements of y), float32
    energy : float, optional
        Sum of their squares, if known.
    """

    def __init__(self, weights, energy=None):
        self.weights = weights
        if energy is None:
            energy = sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
        self.energy = energy

    def turned(self):
        """The same for x and y in each other's place."""
        return Matrices([w.T for w in self.weights], self.energy)

    def products(self, y):
        """W_j y[r] of each model, a list of (components, elements of x)."""
        return [y @ w.T for w in self.weights]


def residual_images(matrices, x, y, s, noise=0.0, products=None):
    """The energy of the residuals, and what they make of the vectors y.

    Parameters
    ----------
    matrices : Matrices
    x, y : ndarray, (components, elements), float32
    s : ndarray, (components, models), float64
    noise : float
        Share of the energy of a component that rounding it later is expected to cost.
    products : list of ndarray, optional
        ``matrices.products(y)``, if known.

    Returns
    -------
    error : float
        Energy of the residuals, and noise times that of the components.
    images : list of ndarray, (components, elements of x)
        E_j y[r] of each model.
    """
    products = matrices.products(y) if products is None else products
    alike = y @ y.T
    normal = (x @ x.T).astype(np.float64) * alike
    apart = float((s * s).sum(axis=1) @ normal.diagonal())  # energies of the components
    noisy = noise * apart
    error = matrices.energy
    for c, met in zip(s.T, products):
        error += float(c @ (normal @ c - 2 * dots(x, met)))
    if error < SMALL * max(matrices.energy, apart):
        left = [residual(w, x, y, c) for w, c in zip(matrices.weights, s.T)]
        error = sum(float(np.vdot(e, e)) for e in left)
        return error + noisy, [y @ e.T for e in left]
    return error + noisy, _less(products, alike, x, s)


def images_after(images, x, y, change):
    """The images once s has changed by `change`, (components, models)."""
    return _less(images, y @ y.T, x, change)


def dots(a, b):
    """The dot product of each row of `a` with that of `b`, (rows,) float64."""
    return np.matmul(a[:, None, :], b[:, :, None])[:, 0, 0].astype(np.float64)


def _less(images, alike, x, s):
    return [image - (alike * c.astype(x.dtype)) @ x for image, c in zip(images, s.T)]
