"""SVDn with all components of a gate fitted together, never worse than what it starts from.

Block coordinate descent runs from the greedy components and from the separate SVDs of each
model; the better end is rounded, and the descent goes on upon the grid. The best of that, of
the greedy components and of the separate ones is kept. Greedy components of large matrices are
made quickly, as a start only: what the greedy solver makes of these may be better, unless
`Sweeping.careful` asks for it.
"""

from dataclasses import dataclass, replace
from typing import Callable, Optional

import numpy as np

from pynq_lstm.compression import svd
from pynq_lstm.compression.descent import descend
from pynq_lstm.compression.factors import Factors, rounded
from pynq_lstm.compression.options import Sweeping
from pynq_lstm.compression.rank_one import tile_mask
from pynq_lstm.compression.separate import at_words, separate, words_of

# Weights of a gate, of all models, up to which greedy components are made with the care of the
# greedy solver: that takes little there, and where a start leads is more a matter of chance.
CAREFUL = 1 << 18


@dataclass(frozen=True, eq=False)
class Fitted:
    """What was found for one list of components of one part.

    Attributes
    ----------
    components : svd.Components
        The best.
    greedy, separate : float
        Error of the greedy components that the descent started from, and of as many that no
        models share: shares of the energy of the weights, as ``components.error``; None for what
        was not tried.
    apart : float
        Error of components that no models share in the same words, each as long as its model
        needs; `separate` where that makes no difference.
    """

    components: svd.Components
    greedy: float
    separate: Optional[float]
    apart: Optional[float] = None

    def __post_init__(self):
        if self.apart is None:
            object.__setattr__(self, "apart", self.separate)


def steps(refinements, models, sweeping):
    """How many steps `approximate` calls for."""
    return 2 * refinements + (2 * models + 4) * sweeping.sweeps


def approximate(weights, options, weight_bits, sweeping, step=lambda count: None, inside=None):
    """Approximate the matrices of one gate by components that are fitted together.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float
        Not all zero. Smaller models padded with zeros.
    options : options.PartOptions
    weight_bits : int
    sweeping : options.Sweeping
        Of each descent.
    step : callable
        Called with the steps that have passed, `steps` in all.
    inside : ndarray, (models, inputs, units), bool, optional
        Which elements are weights: what components are beyond, in the padding of smaller models,
        is no error of a result. Default: all.

    Returns
    -------
    Fitted
    """
    unit, scale = svd.scaled(weights)
    whole = float((unit.astype(np.float64) ** 2).sum())
    problem = _Problem(unit, (options.u, options.v), weight_bits, sweeping, step, inside)
    greedy = _greedy(unit, options, weight_bits, sweeping.careful, step)
    coded = Factors(greedy.u.astype(np.float32), greedy.v.astype(np.float32), greedy.s)
    floating, alone = separate(*problem.arguments, len(greedy.s))
    errors = [factors.error(unit, inside) / whole for factors in (coded, alone)]
    if len(greedy.s) < options.refinements:  # nothing but rounding noise is left
        step(4 * sweeping.sweeps)
        best = replace(greedy, error=errors[0])
    else:
        best = problem.best(starts=(coded, floating), coded=(coded, alone))
    apart = problem.apart(options, len(greedy.s))
    errors.append(errors[1] if apart is None else apart.error(unit, inside) / whole)
    return Fitted(replace(best, s=best.s * scale), *errors)


def without_padding(found, weights, inside):
    """Components with the error where there are weights, as `Fitted` ones have it.

    Parameters
    ----------
    found : svd.Components
    weights, inside
        As for `approximate`.

    Returns
    -------
    svd.Components
    """
    if inside is None:
        return found
    unit, scale = svd.scaled(weights)
    factors = Factors(found.u.astype(np.float32), found.v.astype(np.float32), found.s / scale)
    whole = float((unit.astype(np.float64) ** 2).sum())
    return replace(found, error=factors.error(unit, inside) / whole)


def _greedy(unit, options, bits, careful, step):
    """Greedy components to start from; a list that ends early stays, so it is made with care."""
    left, found = 2 * options.refinements, None

    def one():
        nonlocal left
        if left:
            left -= 1
            step(1)

    large = unit.size > CAREFUL * options.v.blocks  # of four gates where they are stacked
    if large and not careful:
        found = svd.rough(unit, options, bits, one)
    if found is None or len(found.s) < options.refinements:
        found = svd.approximate(unit, options, bits, one)
    step(left)
    return found


@dataclass(frozen=True, eq=False)
class _Problem:
    """The arguments of `descend` that stay."""

    weights: np.ndarray
    tiles: tuple
    bits: int
    sweeping: Sweeping
    step: Callable
    inside: Optional[np.ndarray] = None

    @property
    def arguments(self):
        return self.weights, self.tiles, self.bits, self.sweeping, self.step

    def best(self, starts, coded):
        """The best of the descents from `starts` and of `coded`, as `svd.Components`."""
        floating, least = None, np.inf
        for start in starts:
            end, errors = descend(self.weights, start, *self.arguments[1:], rival=least)
            if errors[-1] < least:
                floating, least = end, errors[-1]
        found = [self._on_grid(rounded(floating, self.bits))]
        last = min(coded, key=self._error)
        if self._error(last) < self._error(found[0]):
            # rounding lost more than was gained: go on from codes
            found += [self._on_grid(last), last]
        else:
            self.step(self.sweeping.sweeps)
        return self._components(min(found, key=self._error))

    def _on_grid(self, start):
        return descend(self.weights, start, *self.arguments[1:], on_grid=True)[0]

    def _error(self, factors):
        return factors.error(self.weights, self.inside)

    def apart(self, options, count):
        """SVD1 in the words of `count` shared components; None where that is as many."""
        models, *shape = self.weights.shape
        sizes = [tuple(shape)] * models
        if self.inside is not None:
            sizes = [(own.any(axis=1).sum(), own.any(axis=0).sum()) for own in self.inside]
        words, one = count * options.most_words(models, *shape), words_of(shape, shape, self.tiles)
        if self.inside is None and min(words // one, models * min(shape)) == count:
            return None
        return at_words(self.weights, sizes, *self.arguments[1:4], words)

    def _components(self, factors):
        """As integers, those with the most energy first."""
        energy = (factors.s**2).sum(axis=1)
        for rows in (factors.u, factors.v):
            energy = energy * (rows * rows).sum(axis=1, dtype=np.float64)
        order = np.argsort(-energy, kind="stable")
        u, v = (rows[order].astype(np.int8) for rows in (factors.u, factors.v))
        masks = [
            np.stack([tile_mask(row.astype(np.float64), side) for row in rows])
            for rows, side in zip((u, v), self.tiles)
        ]
        whole = float((self.weights.astype(np.float64) ** 2).sum())
        return svd.Components(u, v, *masks, factors.s[order], self._error(factors) / whole)
