"""What each further component of a list is worth, as greedy components say it."""

import numpy as np

from pynq_lstm.compression import rank_one, svd

LOOK_AHEAD = 3  # components: one that serves the weights alone hides what follows it


class Curve:
    """What each component of one list is worth; components are made as they are asked for.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float32
        Not all zero.
    options : PartOptions
        ``refinements``: of the longest list.
    weight_bits : int
    worth : GateErrors
        Of this list.

    Attributes
    ----------
    words : int
        Of one component at most.
    most : int
        Components that may be asked for.
    whole : float
        Expected squared error of the gates without components.
    """

    def __init__(self, weights, options, weight_bits, worth):
        unit, scale = svd.scaled(weights)
        self.words, self.most = options.most_words(*weights.shape), options.refinements
        self._worth, self._scale = worth, float(scale) ** 2
        self._errors = unit.astype(np.float64)
        self.whole = worth.expected(self._errors) * self._scale
        self._terms = svd.terms(unit, options, weight_bits)
        self._falls = []

    def fall(self, count):
        """By how much component number `count`, from 0, lowers the error; 0 beyond the last."""
        while len(self._falls) <= count:
            term = next(self._terms, None)
            self._falls.append(0.0 if term is None else self._taken(term) * self._scale)
        return self._falls[count]

    def pace(self, count):
        """What components from number `count` on lower it by on average, over the best few."""
        falls = [self.fall(count + k) for k in range(LOOK_AHEAD)]
        return max(np.cumsum(falls) / np.arange(1, LOOK_AHEAD + 1))

    def left(self, count):
        """What `count` components leave."""
        return self.whole - sum(self.fall(k) for k in range(count))

    def _taken(self, term):
        u, v = (codes.astype(np.float64) for codes in term.codes)
        s = rank_one.scalars(self._errors, u, v)
        fall = self._worth.change(self._errors, s, u, v)
        for e, scalar in zip(self._errors, s):
            e -= np.outer(scalar * u, v)
        return fall
