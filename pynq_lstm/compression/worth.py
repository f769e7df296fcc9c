"""What each refinement of a group of LSTMs is worth: by how much it lowers their weight errors.

Quick greedy components say it, as `svd.rough` makes them, those of all lists of a part together.
Matrices are read anew whenever more of them are asked for, so that many groups can be kept.
"""

import numpy as np

from pynq_lstm.compression import forms, rank_one, svd
from pynq_lstm.compression.curves import LOOK_AHEAD
from pynq_lstm.compression.weights import gate_problems


class Worth:
    """What a group gains from each refinement of one part.

    Parameters
    ----------
    network : Network
        The LSTMs of the group.
    side : str
        "input" or "hidden".
    form : str
        `PER_GATE` or `STACKED`.
    lists : tuple of PartOptions
        Of each list, as long as it may become.
    weight_bits : int
    balanced : bool
        Whether the error of each LSTM counts relative to its weights of this part.
    first : int
        Refinements to look at to begin with.

    Attributes
    ----------
    words : int
        Of one refinement, in all lists, at most.
    most : int
        Refinements that the matrices allow.
    energy : float
        Squared weights.
    """

    def __init__(self, network, side, form, lists, weight_bits, balanced, first):
        self._arguments = network, side, form, lists, weight_bits, balanced
        self._first = first
        gates, problems, _ = self._matrices()
        self.words = sum(own.most_words(*w.shape) for own, w in zip(lists, problems))
        self.most = lists[0].refinements
        self.energy = float((gates.astype(np.float64) ** 2).sum())
        self._falls = np.zeros((0, 2))  # of the error that counts, and of squared weights

    def pace(self, count):
        """What refinements from number `count`, from 0, on gain on average, over the best few.

        Returns
        -------
        float
            0 where there are no more.
        """
        falls = self._to(min(count + LOOK_AHEAD, self.most))[count : count + LOOK_AHEAD, 0]
        return float((falls.cumsum() / np.arange(1, len(falls) + 1)).max(initial=0.0))

    def left(self, count):
        """Squared error of the weights that `count` refinements leave."""
        return self.energy - float(self._to(count)[:count, 1].sum())

    def _to(self, count):
        if len(self._falls) < count:
            self._falls = self._made(min(max(count, self._first, 2 * len(self._falls)), self.most))
        return self._falls

    def _matrices(self):
        network, side, form, _, _, balanced = self._arguments
        gates = gate_problems(network, side)
        norms = np.ones(gates.shape[1])
        if balanced:
            norms = np.sqrt((gates.astype(np.float64) ** 2).sum(axis=(0, 2, 3)))
            norms[norms == 0] = 1.0  # of zeros nothing falls
        scaled = (gates / norms[:, None, None]).astype(np.float32)
        return gates, forms.problems(scaled, form), norms**2

    def _made(self, count):
        from threadpoolctl import threadpool_limits  # only here: see `compress`

        _, _, _, lists, bits, _ = self._arguments
        _, problems, squares = self._matrices()
        falls = np.zeros((count, len(squares)))
        with threadpool_limits(limits=1):
            for weights, options in zip(problems, lists):
                if weights.any():
                    falls += _falls(weights, options, bits, count)
        return np.stack([falls.sum(axis=1), falls @ squares], axis=1)


def _falls(weights, options, bits, count):
    """By how much each component of one list lowers the error of each model, (count, models)."""
    residual, scale = svd.scaled(weights)
    falls = np.zeros((count, len(weights)))
    found = svd.terms(residual.copy(), options, bits, tolerance=svd.ROUGH)
    for k, term in zip(range(count), found):
        u, v = (codes.astype(np.float32) for codes in term.codes)
        s = rank_one.scalars(residual, u, v)
        for e, scalar in zip(residual, s):
            e -= np.outer(np.float32(scalar) * u, v)
        falls[k] = s**2 * float(u @ u) * float(v @ v)
    return falls * float(scale) ** 2
