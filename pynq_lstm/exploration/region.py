"""What is known of the models of one family: a point for every pair of ranks."""

import numpy as np

UNKNOWN, GOOD, BAD = 0, 1, -1
OPTIMISM = 0.85  # of the error of greedy components: what a descent from them may leave


class Region:
    """The points of a family, from what `jobs.screened` found.

    Parameters
    ----------
    number : int
        Of the family, for the keys of evaluations.
    family : Family
    told : dict

    Attributes
    ----------
    model : str
        The greedy model with the most components, encoded.
    cycles : ndarray, (input ranks, hidden ranks), float64
        A bound, or what a prefix takes where `exact`; inf where no design runs it.
    error, mse : ndarray, of the same shape
        Of the weights of greedy prefixes: relative to their mean square, and itself.
    state : ndarray, of the same shape, int8
        UNKNOWN, GOOD or BAD; BAD also where a prefix with as many or more components is.
    drop : ndarray, of the same shape
        Of prefixes that were measured; nan elsewhere.
    exact, closed, descended : ndarray, of the same shape, bool
        `closed` was made; `descended` is not to be made by a descent (any more).
    """

    def __init__(self, number, family, told):
        self.number, self.family, self.model = number, family, told["model"]
        bounds = [[np.inf if one is None else one for one in row] for row in told["bounds"]]
        self.cycles = np.array(bounds, float)
        if family.ranks is None:
            self.error = np.array([[told["relative"]]])
            self.mse = np.array([[told["mse"]]])
        else:
            lost = np.add.outer(*map(np.array, told["lost"]))
            self.error = lost / max(told["energy"], np.finfo(float).tiny)
            self.mse = lost / told["words"]
        shape = self.cycles.shape
        self.state = np.zeros(shape, np.int8)
        self.drop = np.full(shape, np.nan)
        self.exact = np.full(shape, family.ranks is None)
        self.closed, self.descended = np.zeros((2, *shape), bool)

    def corners(self, limit):
        """Unknown points below a limit, of which neither rank can be raised; a list of pairs."""
        return _corners((self.cycles < limit) & (self.state == UNKNOWN) & ~self.closed)

    def descents(self, limit, error):
        """The same of points that a descent may make good; its error at most `error`."""
        may = (self.cycles < limit) & (self.state != GOOD) & ~self.descended
        return [at for at in _corners(may) if OPTIMISM * self.error[at] <= error]

    def is_presumed_bad(self, at):
        """Whether a point is bad only because one with more components is."""
        return self.state[at] == BAD and np.isnan(self.drop[at]) and not self.closed[at]

    def most_promising(self, limit):
        """The point of at most so many cycles with the least error; None if there is none."""
        error = np.where(self.cycles <= limit, self.error, np.inf)
        at = tuple(int(k) for k in np.unravel_index(error.argmin(), error.shape))
        return at if np.isfinite(error[at]) else None

    def good(self, limit):
        """Good points below a limit that were not made, a list of pairs."""
        found = (self.state == GOOD) & ~self.closed & (self.cycles < limit)
        return [tuple(map(int, at)) for at in np.argwhere(found)]

    def fail(self, at):
        """A point is not good enough, nor is one with fewer components."""
        below = self.state[: at[0] + 1, : at[1] + 1]
        below[below == UNKNOWN] = BAD
        self.state[at] = BAD

    def fail_descent(self, at):
        """The same of descents."""
        self.descended[: at[0] + 1, : at[1] + 1] = True


def _corners(mask):
    more = np.zeros_like(mask)
    more[:-1] |= mask[1:]
    more[:, :-1] |= mask[:, 1:]
    return [tuple(map(int, at)) for at in np.argwhere(mask & ~more)]
