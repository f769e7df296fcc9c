"""The best shared rank-1 term of several matrices, with pruned tiles.

For residuals E_j the term maximises the energy sum_j (u^T E_j v)^2 over unit
vectors u and v, s_j = u^T E_j v being the least-squares scalars (Ribes et al.
2020). Each half-step below is the exact maximiser over one vector and s for a
fixed choice of tiles, through the N x N Gram matrix of the models; no
eigen-decomposition is larger than N, or than the few columns of the start.
"""

from dataclasses import replace

import numpy as np

START_COLUMNS = 8
MAX_ROUNDS = 60
TOLERANCE = 1e-5  # relative gain of energy below which alternating stops, unless said otherwise


class Start:
    """Leading right singular directions of the residuals, kept warm from term to term.

    One product with 8 columns reads the residuals once, as one with a single
    vector does, and converges far faster.

    Parameters
    ----------
    residual : ndarray, (models, rows, columns), float32
    seed : int
    """

    def __init__(self, residual, seed=0):
        columns = residual.shape[2]
        start = np.random.default_rng(seed).standard_normal((columns, START_COLUMNS))
        self._basis = np.linalg.qr(start[:, :columns])[0].astype(residual.dtype)
        self.vector(residual, rounds=4)

    def vector(self, residual, rounds=2):
        """A unit v near the best one, (columns,)."""
        for _ in range(rounds):
            self._basis = np.linalg.qr(sum(e.T @ (e @ self._basis) for e in residual))[0]
        images = [e @ self._basis for e in residual]
        _, rotation = np.linalg.eigh(sum(a.T @ a for a in images))
        self._basis = self._basis @ rotation[:, ::-1]
        return self._basis[:, 0]


def best_term(residual, v, u_tiles, v_tiles, tolerance=TOLERANCE):
    """Unit vectors u and v of the best term found from the start `v`.

    Two candidates compete where tiles are pruned: pruning the converged vectors,
    and alternating on under the pruning, each half-step choosing its tiles anew.

    Parameters
    ----------
    residual : ndarray, (models, rows, columns)
    v : ndarray, (columns,)
    u_tiles, v_tiles : Tiles
    tolerance : float
        Relative gain of energy below which alternating stops.

    Returns
    -------
    u, v : ndarray
        Each `oriented`.
    """
    return tuple(map(oriented, _best(residual, v, u_tiles, v_tiles, tolerance)))


def oriented(vector):
    """With a positive largest element: signs are free, and libraries differ in them."""
    return -vector if vector[np.abs(vector).argmax()] < 0 else vector


def _best(residual, v, u_tiles, v_tiles, tolerance):
    whole = replace(u_tiles, zero=0), replace(v_tiles, zero=0)
    u, v = _alternate(residual, v, *whole, tolerance)
    if not (u_tiles.zero or v_tiles.zero):
        return u, v
    after = _unit(u * kept(u, u_tiles)), _unit(v * kept(v, v_tiles))
    before = _alternate(residual, after[1], u_tiles, v_tiles, tolerance)
    return max(before, after, key=lambda pair: (scalars(residual, *pair) ** 2).sum())


def scalars(residual, u, v):
    """Least-squares s of each model for the term u v^T, (models,) float64."""
    norm = float(u @ u) * float(v @ v)
    return np.array([float(u @ (e @ v)) for e in residual]) / norm


def tile_mask(vector, tiles):
    """The tiles of `vector` with the most energy, (tiles,) bool."""
    return tiles.present(vector * vector)


def kept(vector, tiles):
    """`tile_mask` spread over the elements, (elements,) bool."""
    return tiles.kept(vector * vector)


def _alternate(residual, v, u_tiles, v_tiles, tolerance):
    last, direction = 0.0, None
    for _ in range(MAX_ROUNDS):
        u, direction, _ = _maximise([e @ v for e in residual], direction, u_tiles)
        v, direction, energy = _maximise([u @ e for e in residual], direction, v_tiles)
        if energy - last <= tolerance * energy:
            break
        last = energy
    return u, v


def _maximise(images, direction, tiles):
    """Unit vector a and unit direction s over the models that maximise sum_j (s_j a . image_j).

    The tiles are those with the most energy for the old direction: the exact
    choice for it, so that the energy never falls.
    """
    images = np.stack(images, axis=1)
    if direction is None:
        direction = np.linalg.eigh(images.T @ images)[1][:, -1]
    if tiles.zero:
        images = images * kept(images @ direction, tiles)[:, None]
    energies, directions = np.linalg.eigh(images.T @ images)
    direction = directions[:, -1]
    return _unit(images @ direction), direction, float(energies[-1])


def _unit(vector):
    norm = np.linalg.norm(vector)
    return vector / norm if norm > 0 else vector
