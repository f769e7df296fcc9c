"""One greedy model of many components, and what every pair of its prefixes would cost and lose.

Input and hidden parts are problems of their own, so that errors and stored costs of a pair are
sums over both, each measured on the prefixes of one model.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from pynq_lstm.budgets import costs
from pynq_lstm.budgets.budget import COSTS
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression import groups
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network

EVERY, STEP = 16, 1.07  # all ranks up to so many, then a geometric row of them
SUMS = COSTS[:3]  # what adds up over the parts


@dataclass(eq=False)
class Screen:
    """What is known of one set of options before its models are made.

    Attributes
    ----------
    options : dict
        With "method"; without the ranks where these are searched.
    ranks : pair of list of int, or None
        Of the input part and of the hidden part; None: there is one model, `models`.
    error : ndarray, (input ranks, hidden ranks), float64
        Relative weight error of greedy components; (1, 1) without ranks.
    costs : dict of ndarray
        By name, of the same shape; without microseconds.
    models : list of CompressedModel
        The passes that were screened, with the most components.
    design : DesignCommon or None
    """

    options: dict
    ranks: tuple
    error: np.ndarray
    costs: dict
    models: list
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
            models = self.models
            if self.ranks is not None:
                pair = [ranks[k] for ranks, k in zip(self.ranks, at)]
                models = [prefix(model, pair) for model in models]
            found = costs.microseconds(models, self.design)
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


def of_ranks(network, model, options, design):
    """Screen the prefixes of a greedy SVDn model, or of a network of them."""
    models, alone = costs.passes(model), networks(network)
    ranks = [ranks_up_to(max(getattr(m, part).max_refinements for m in models)) for part in PARTS]
    first = [r[0] for r in ranks]
    base, sums, lost = _measured(alone, model, first), {n: [] for n in SUMS}, []
    for part, own in enumerate(ranks):
        rows = [
            _measured(alone, model, [k if i == part else first[i] for i in range(2)]) for k in own
        ]
        lost.append([errors[part] for errors, _ in rows])
        for name in SUMS:
            sums[name].append([found[name] for _, found in rows])
    added = {name: np.add.outer(*map(np.array, sums[name])) - base[1][name] for name in SUMS}
    error = np.add.outer(*map(np.array, lost)) / max(_energy(network), np.finfo(float).tiny)
    return Screen(options, tuple(ranks), error, added, models, design)


def of_one(model, options, design):
    """Screen options that make one model only."""
    found = costs.of(model)
    told = {name: np.array([[found[name]]]) for name in SUMS}
    error = np.array([[model.provenance["relative weight error"]]])
    return Screen(options, None, error, told, costs.passes(model), design)


def networks(network):
    """The LSTMs of every pass as a `Network` of their own, a list."""
    if network.is_side_by_side:
        return [network]
    return [Network([network.layers[k] for k in own]) for own in groups.passes(network)]


def prefix(model, ranks):
    """A model of the first components of each gate; `ranks` of the input and the hidden part."""
    parts = {name: _first(getattr(model, name), k) for name, k in zip(PARTS, ranks)}
    return replace(model, **parts)


def _first(part, refinements):
    count = part.prefix(refinements)
    arrays = {n: getattr(part, n)[:count] for n in ("u", "u_mask", "v", "v_mask", "s")}
    return replace(part, counts=tuple(min(c, refinements) for c in part.counts), **arrays)


def _measured(alone, model, ranks):
    """Squared errors of both parts, and costs, of a pair of prefixes."""
    models = [prefix(m, ranks) for m in costs.passes(model)]
    lost = np.zeros(2)
    for network, one in zip(alone, models):
        lost += np.array(weight_error(network, one).by_part) * _energies(network)
    whole = models[0]
    if isinstance(model, CompressedNetwork):
        whole = replace(model, groups=models)
    return lost, costs.of(whole)


def _energies(network):
    return np.array(
        [
            sum((getattr(layer, name).astype(np.float64) ** 2).sum() for layer in network.layers)
            for name in ("w_ih", "w_hh")
        ]
    )


def _energy(network):
    return _energies(network).sum()


def ranks_up_to(most):
    """Ranks worth looking at, ascending: all of the small ones, then a geometric row of them."""
    found, at = [], 1.0
    while at < most:
        found.append(int(at))
        at = max(int(at) + 1, at * STEP) if at >= EVERY else at + 1
    return found + [most]
