"""One greedy model of many components, and what every pair of its prefixes would cost and lose.

Input and hidden parts are problems of their own, so that errors and stored costs of a pair are
sums over both, each measured on the prefixes of one model.
"""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np

from pynq_lstm.budgets import costs
from pynq_lstm.budgets.budget import COSTS
from pynq_lstm.budgets.prefixes import Prefixes
from pynq_lstm.compression import groups
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.network import Network

SUMS = COSTS[:3]  # what adds up over the parts


@dataclass(eq=False)
class Screen:
    """What is known of one set of options before its models are made.

    Attributes
    ----------
    options : dict
        With "method"; without the ranks where these are searched.
    ranks : pair of list of int, or None
        Of the input part and of the hidden part; None: there is one model.
    error : ndarray, (input ranks, hidden ranks), float64
        Relative weight error of greedy components; (1, 1) without ranks.
    costs : dict of ndarray
        By name, of the same shape; without microseconds.
    model : callable
        ``model(pair)``: a model or network of the sizes of a pair of ranks, for its costs.
    design : DesignCommon or None
    """

    options: dict
    ranks: tuple
    error: np.ndarray
    costs: dict
    model: Callable
    design: object = None
    _times: dict = field(default_factory=dict)

    def within(self, limits):
        """Which pairs keep to the limits, of the shape of `error`, bool."""
        fit = np.ones(self.error.shape, bool)
        for name in set(limits) & set(SUMS):
            fit &= self.costs[name] <= limits[name]
        if "microseconds" in limits:
            fit &= self._in_time(limits["microseconds"], fit)
        return fit

    def cost(self, name, at):
        """A cost of the pair of indices `at`; inf where a design does not run it."""
        if name != "microseconds":
            return float(self.costs[name][at])
        if at not in self._times:
            pair = self.ranks and [ranks[k] for ranks, k in zip(self.ranks, at)]
            found = costs.microseconds(self.model(pair), self.design)
            self._times[at] = np.inf if found is None else found
        return self._times[at]

    def _in_time(self, most, wanted):
        """More components take no less time: walk along the border of what does not."""
        fit, at = np.zeros(self.error.shape, bool), self.error.shape[1]
        for row in range(len(fit)):
            at = min(at, wanted[row].sum())  # costs grow along a row
            while at and self.cost("microseconds", (row, int(at) - 1)) > most:
                at -= 1
            fit[row, :at] = True
        return fit


class Measured:
    """Errors and costs of the prefixes of one greedy model, each part's by itself.

    Parameters
    ----------
    network : Network
    prefixes : Prefixes

    Attributes
    ----------
    lost : pair of list of float
        Of the input part and of the hidden part: squared error by rank.
    sums : pair of list of dict
        Costs by rank, the other part at its first.
    """

    def __init__(self, network, prefixes):
        self.network, self.prefixes = network, prefixes
        self.first, self.lost, self.sums = [ranks[0] for ranks in prefixes.ranks], [], []
        for part, own in enumerate(prefixes.ranks):
            rows = [self._of([k if i == part else self.first[i] for i in range(2)]) for k in own]
            self.lost.append([errors[part] for errors, _ in rows])
            self.sums.append([found for _, found in rows])

    def _of(self, ranks):
        """Squared errors of both parts, and costs, of a pair of prefixes."""
        lost = np.zeros(2)
        for network, one in zip(self.prefixes.networks, self.prefixes.groups(ranks)):
            lost += np.array(weight_error(network, one).by_part) * _energies(network)
        return lost, costs.of(self.prefixes.model(ranks))


def of_ranks(network, model, options, design, most=None):
    """Screen the prefixes of a greedy SVDn model, or of a network of them.

    `options` are those of `compress`, without refinements; `most` those that made the model.
    """
    measured = Measured(network, Prefixes(network, model, options, most))
    return of_parts(measured, measured, options, design)


def of_parts(one, other, options, design):
    """Screen options that ask of the input part what made one model, of the hidden what another.

    Parameters
    ----------
    one, other : Measured
    options : dict
        As of `of_ranks`.
    design : DesignCommon or None
    """
    inputs, hidden = one.prefixes, other.prefixes
    # what both rows hold: the first ranks of the parts that neither walks along
    both = costs.of(hidden.with_hidden(inputs, [other.first[0], one.first[1]]))
    added = {
        name: np.add.outer(*([row[name] for row in rows] for rows in (one.sums[0], other.sums[1])))
        - both[name]
        for name in SUMS
    }
    energy = max(_energy(one.network), np.finfo(float).tiny)
    error = np.add.outer(one.lost[0], other.lost[1]) / energy
    ranks = inputs.ranks[0], hidden.ranks[1]

    def model(pair):
        return inputs.with_hidden(hidden, pair)

    return Screen(options, ranks, error, added, model, design)


def of_one(model, options, design):
    """Screen options that make one model only."""
    found = costs.of(model)
    told = {name: np.array([[found[name]]]) for name in SUMS}
    error = np.array([[model.provenance["relative weight error"]]])
    return Screen(options, None, error, told, lambda pair: model, design)


def networks(network):
    """The LSTMs of every pass as a `Network` of their own, a list."""
    if network.is_side_by_side:
        return [network]
    return [Network([network.layers[k] for k in own]) for own in groups.passes(network)]


def _energies(network):
    return np.array(
        [
            sum((getattr(layer, name).astype(np.float64) ** 2).sum() for layer in network.layers)
            for name in ("w_ih", "w_hh")
        ]
    )


def _energy(network):
    return _energies(network).sum()
