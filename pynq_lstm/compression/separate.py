"""SVD1: each model alone, with as many components or at the same words; what sharing has to beat.

The components go where they pay most: to the largest singular values of all models
together, which is the best that separate matrices can do without pruning. At the same words
they go to the largest squares for a word, where a component is as long as its model needs.
"""

import numpy as np

from pynq_lstm.compression.descent import descend
from pynq_lstm.compression.factors import Factors, rounded
from pynq_lstm.compression.rank_one import oriented


def separate(weights, tiles, bits, sweeping, step, count):
    """Components that one model each uses.

    Without pruned tiles they are the singular vectors. With them each model descends by
    itself, so that pruning costs it no more than it costs models that share.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float32
    tiles : pair of Tiles
        Of u, of v.
    bits : int
        Of the codes.
    sweeping : options.Sweeping
    step : callable
        As `descend` calls it, for two descents of each model.
    count : int
        Components of all models together.

    Returns
    -------
    floating, coded : Factors
        The same components before they are rounded, and as codes.
    """
    found = [_decomposed(w) for w in weights]
    owner = np.repeat(np.arange(len(found)), [len(values) for _, values, _ in found])
    order = np.argsort(-np.concatenate([values for _, values, _ in found]), kind="stable")
    shares = np.bincount(owner[order[:count]], minlength=len(found))
    return _of_shares(weights, found, shares, tiles, bits, sweeping, step)


def at_words(weights, sizes, tiles, bits, sweeping, words):
    """Components that one model each uses, stored as models of their own.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float32
        Smaller models padded with zeros.
    sizes : sequence of (int, int)
        Inputs and units that each model has.
    tiles, bits, sweeping : as of `separate`
    words : int
        Of all models together, at most.

    Returns
    -------
    Factors
        As codes; each model's u, v and one s take `words_of` it.
    """
    found = [_decomposed(w) for w in weights]
    shares, free = [0] * len(found), words
    each = [words_of(size, weights.shape[1:], tiles) for size in sizes]
    worth = [
        values[: min(size)] ** 2 / own for (_, values, _), size, own in zip(found, sizes, each)
    ]
    owner = np.repeat(np.arange(len(worth)), [len(own) for own in worth])
    for j in owner[np.argsort(-np.concatenate(worth), kind="stable")]:
        if each[j] <= free:  # a shorter one may fit where a long one does not
            shares[j] += 1
            free -= each[j]
    return _of_shares(weights, found, shares, tiles, bits, sweeping, lambda count: None)[1]


def words_of(size, whole, tiles):
    """Words at most of a component of a model of some inputs and units: u, v and one s.

    Parameters
    ----------
    size : (int, int)
        Inputs and units.
    whole : (int, int)
        Those of the vectors that `tiles` cut.
    tiles : pair of Tiles
    """
    return sum(min(own, side.most_elements(n)) for own, n, side in zip(size, whole, tiles)) + 1


def _of_shares(weights, found, shares, tiles, bits, sweeping, step):
    """The first components of each model: before they are rounded, and as codes."""
    alone = []
    for w, (left, values, right), share in zip(weights, found, shares):
        vectors = _pruned(left.T[:share], tiles[0]), _pruned(right[:share], tiles[1])
        start = Factors(*vectors, values[:share, None].astype(np.float64))
        alone.append(_alone(w[None], start, tiles, bits, sweeping, step))
    return tuple(_joined(kind) for kind in zip(*alone))


def _decomposed(w):
    """Its singular value decomposition; of either sign of a pair the one with u `oriented`."""
    left, values, right = np.linalg.svd(w, full_matrices=False)
    rows = np.stack([oriented(row) for row in left.T])
    return rows.T, values, right * (rows * left.T).sum(axis=1, keepdims=True).round()


def _alone(weights, start, tiles, bits, sweeping, step):
    if not len(start.s):
        step(2 * sweeping.sweeps)
        return start, start
    if any(side.zero for side in tiles):
        start, _ = descend(weights, start, tiles, bits, sweeping, step)
    else:
        step(sweeping.sweeps)
    onto = rounded(start, bits)
    return start, descend(weights, onto, tiles, bits, sweeping, step, on_grid=True)[0]


def _pruned(rows, tiles):
    if not (tiles.zero and len(rows)):
        return np.ascontiguousarray(rows)
    return np.stack([row * tiles.kept(row * row) for row in rows])


def _joined(models):
    """The components of all models, s zero for every model but its own."""
    s = np.zeros((sum(len(model.s) for model in models), len(models)))
    first = 0
    for j, model in enumerate(models):
        s[first : first + len(model.s), j] = model.s[:, 0]
        first += len(model.s)
    return Factors(*(np.concatenate([getattr(m, name) for m in models]) for name in "uv"), s)
