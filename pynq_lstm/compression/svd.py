"""SVDn: greedy rank-1 components with u and v shared by all models (Ribes et al. 2020).

One problem is one gate of one part: the matrices W_j, inputs by units, of all
models. Each refinement takes the best shared term of the residual, prunes its
tiles, and subtracts what is left of it.
"""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.compression import grid, rank_one

EXHAUSTED = 1e-10  # share of each model's energy below which float32 residuals are rounding noise
ROUGH = 1e-3  # gain below which alternating stops where a descent goes on from the components


@dataclass(frozen=True, eq=False)
class Components:
    """Components of one gate of one part, on the integer grid, in the order of refinement.

    Attributes
    ----------
    u : ndarray, (components, inputs), int8
    v : ndarray, (components, units), int8
    u_mask, v_mask : ndarray, (components, tiles), bool
    s : ndarray, (components, models), float64
        W_j is approximately the sum of s[r, j] * u[r] v[r]^T.
    error : float
        Energy of what is left, as a share of the energy of the weights.
    """

    u: np.ndarray
    v: np.ndarray
    u_mask: np.ndarray
    v_mask: np.ndarray
    s: np.ndarray
    error: float


def approximate(weights, options, weight_bits, step=lambda: None):
    """Approximate the matrices of one gate by shared components.

    Two candidates compete, and the one with the lower error is kept: the residual
    taken with the quantised vectors, so that later terms mend the rounding, or
    with the float vectors, quantised at the end.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float
        Not all zero. Smaller models padded with zeros.
    options : PartOptions
    weight_bits : int
    step : callable
        Called after each refinement of each candidate.

    Returns
    -------
    Components
    """
    unit, scale = scaled(weights)
    found = [_greedy(unit, options, weight_bits, inside, step) for inside in (True, False)]
    best = min(found, key=lambda components: components.error)
    return Components(best.u, best.v, best.u_mask, best.v_mask, best.s * scale, best.error)


def rough(weights, options, bits, step=lambda: None):
    """Components for a descent to start from: one candidate, and few rounds for each term.

    As good a start as `approximate` makes of large matrices, in about a quarter of its time;
    their own error is a little higher, as a rule.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float32
        As `scaled` makes them.
    options : PartOptions
    bits : int
        Of the codes.
    step : callable
        Called after each refinement.

    Returns
    -------
    Components
    """
    found = []
    for term in terms(weights, options, bits, tolerance=ROUGH):
        found.append(term)
        step()
    return _collect(weights, found)


def scaled(weights):
    """Weights of mean square 1 as float32, and the scale that was taken out of them."""
    scale = np.sqrt((weights.astype(np.float64) ** 2).mean())
    return (weights / scale).astype(np.float32), scale


@dataclass(frozen=True, eq=False)
class Term:
    """One refinement as it is found: codes and masks, each of u and of v."""

    codes: tuple
    masks: tuple


def terms(weights, options, bits, quantise_inside=True, tolerance=rank_one.TOLERANCE):
    """Find one term after another, until nothing but rounding noise is left.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float32
        As `scaled` makes them.
    options : PartOptions
    bits : int
        Of the codes.
    quantise_inside : bool
        Whether the residual is taken with the codes.
    tolerance : float
        Of `rank_one.best_term`.

    Yields
    ------
    Term
    """
    residual = weights.copy()
    noise = EXHAUSTED * (weights**2).sum(axis=(1, 2))
    start = rank_one.Start(residual)
    for k in range(options.refinements):
        if k and ((residual**2).sum(axis=(1, 2)) <= noise).all():
            return
        first = start.vector(residual)
        u, v = rank_one.best_term(residual, first, options.u, options.v, tolerance)
        masks = rank_one.tile_mask(u, options.u), rank_one.tile_mask(v, options.v)
        codes = grid.codes(u, bits), grid.codes(v, bits)
        if not (codes[0].any() and codes[1].any()):
            return
        u, v = [c.astype(np.float32) for c in codes] if quantise_inside else (u, v)
        _subtract(residual, u, v)
        yield Term(codes, masks)


def _greedy(weights, options, bits, quantise_inside, step):
    found = []
    for term in terms(weights, options, bits, quantise_inside):
        found.append(term)
        step()
    return _collect(weights, found)


def _collect(weights, found):
    """The terms in order, s by least squares on the residual that the quantised ones leave."""
    residual, s = weights.copy(), []
    for term in found:
        s.append(_subtract(residual, *(vector.astype(np.float32) for vector in term.codes)))
    left, whole = (float((a.astype(np.float64) ** 2).sum()) for a in (residual, weights))
    u, v = (np.stack(side) for side in zip(*(term.codes for term in found)))
    u_mask, v_mask = (np.stack(side) for side in zip(*(term.masks for term in found)))
    return Components(u, v, u_mask, v_mask, np.stack(s), left / whole)


def _subtract(residual, u, v):
    s = rank_one.scalars(residual, u, v)
    for e, scalar in zip(residual, s):
        e -= np.outer(np.float32(scalar) * u, v)
    return s
