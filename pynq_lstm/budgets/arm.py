"""A way to choose models: a set of options with a solver, and the errors to expect of it."""

from itertools import zip_longest

import numpy as np

from pynq_lstm.budgets import candidates
from pynq_lstm.budgets.candidates import TILE_OPTIONS

OPTIMISM = 0.85  # of the error of greedy components: what a descent from them may leave
SPARED = 0.995  # of the words that are left to be divided: other lists take other bytes
SPREAD = 2.0  # arms that expect more than so many times the least error promise nothing,
SMALL = 0.01  # unless that is so little that accuracies do not tell it apart
LESS = 0.95  # of the error of equal shares of tiles in both parts: what others have to promise


class Arm:
    """Models of one `Screen` by one solver.

    The error that a pair of ranks is expected to have is that of its greedy prefixes times what
    the arm's models had of that so far; before the first one, an optimistic share.

    Parameters
    ----------
    screen : Screen
    solver : str or None
        None for methods without one.
    allotted : bool
        Whether the words of a pair of ranks are left to `compress` to divide, gate by gate.
    """

    def __init__(self, screen, solver=None, allotted=False):
        self.screen, self.solver, self.allotted = screen, solver, allotted
        self._share = OPTIMISM if solver == "bcd" else 1.0
        self._tried = np.zeros(screen.error.shape, bool)
        self.failed = 0.0  # the largest limit of a cost under which a model was not good enough

    def best(self, limits):
        """The untried pair within the limits with the least error, its indices; None if none."""
        left = self.screen.within(limits) & ~self._tried
        if not left.any():
            return None
        error = np.where(left, self.screen.error, np.inf)
        return tuple(int(k) for k in np.unravel_index(error.argmin(), error.shape))

    def edge(self, limits):
        """Untried pairs of which neither rank can be raised within the limits, best first."""
        fit = self.screen.within(limits)
        more = np.zeros_like(fit)
        more[:-1] |= fit[1:]
        more[:, :-1] |= fit[:, 1:]
        pairs = [tuple(map(int, at)) for at in np.argwhere(fit & ~more & ~self._tried)]
        return sorted(pairs, key=lambda at: (self.screen.error[at], at))

    @property
    def kind(self):
        """All but the tiles, something that can be compared."""
        others = {n: v for n, v in self.screen.options.items() if n not in TILE_OPTIONS}
        return repr((sorted(others.items()), self.solver, self.allotted))

    @property
    def is_apart(self):
        """Whether it prunes another share of the tiles in either part."""
        return candidates.are_apart(self.screen.options)

    @property
    def way(self):
        """Which LSTMs share, something that can be compared."""
        return repr(self.screen.options.get("share"))

    def expected(self, at):
        """Relative weight error."""
        return float(self._share * self.screen.error[at])

    def options(self, at):
        """Of `compress`."""
        chosen = dict(self.screen.options)
        if self.allotted:
            chosen["words"] = int(SPARED * self.screen.costs["words"][at])
        elif self.screen.ranks is not None:
            chosen["refinements"] = tuple(ranks[k] for ranks, k in zip(self.screen.ranks, at))
        if self.solver is not None:
            chosen["solver"] = self.solver
        return chosen

    def is_alike(self, other):
        """Whether it differs from another arm by the solver only."""
        return self.screen is other.screen and self.allotted == other.allotted

    def take(self, at, tries):
        """Have the model of a pair made and measured, and learn from it; as `Tries.trial`."""
        trial = tries.trial(self.options(at))
        self._tried[at] = True
        # of words that were divided for the error of the gates, that of the weights tells little
        if trial is not None and self.screen.error[at] > 0 and not self.allotted:
            self._share = trial.relative_error / self.screen.error[at]
        return trial


def by_expected_error(arms, limits):
    """(expected error, arm, pair) of every arm that has one within the limits, best first."""
    found = [(arm, arm.best(limits)) for arm in arms]
    offers = [(arm.expected(at), arm, at) for arm, at in found if at is not None]
    return sorted(offers, key=lambda offer: offer[0])


def promising(arms, limits, every=None):
    """Those of `by_expected_error` whose error is near the least of their way to share, or small.

    Errors of different groups of LSTMs do not tell which is more accurate: layers that share may
    have half the error and lose more. So the best of every way comes before the second of any.
    Arms that prune other shares of tiles in either part are many, and take the tries of others:
    left out are those that expect no less, by `LESS`, than one of `every`, by default of `arms`,
    that prunes the same in both.
    """
    ways = {}
    for offer in _without_poor_shares(by_expected_error(arms, limits), every or arms, limits):
        ways.setdefault(offer[1].way, []).append(offer)
    kept = [
        [offer for offer in own if offer[0] <= max(SPREAD * own[0][0], SMALL)]
        for own in ways.values()
    ]
    return [offer for rank in zip_longest(*kept) for offer in rank if offer is not None]


def _without_poor_shares(offers, every, limits):
    alike = {}
    for error, arm, _ in by_expected_error([arm for arm in every if not arm.is_apart], limits):
        alike.setdefault(arm.kind, error)
    for error, arm, at in offers:
        if not arm.is_apart or error <= LESS * alike.get(arm.kind, np.inf):
            yield error, arm, at
