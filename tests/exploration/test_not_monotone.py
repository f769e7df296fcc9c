"""A search over accuracies, made up, that do not fall with every component less."""

from types import SimpleNamespace

import numpy as np

from pynq_lstm.exploration import jobs
from pynq_lstm.exploration.families import Family
from pynq_lstm.exploration.goal import Goal
from pynq_lstm.exploration.search import Search

MOST, FLOAT = 5.0, 90.0


class MadeUp:
    """Answers of `jobs` from tables of cycles and drops by indices of ranks."""

    def __init__(self, rng, shape):
        more = np.add.outer(*(np.arange(n) for n in shape))
        self.cycles = 100.0 + 3 * more + rng.integers(0, 3, shape).cumsum(0).cumsum(1)
        self.drops = np.round(12 - 12 * more / more.max() + rng.normal(0, 2, shape), 1)
        self.shape, self.looks = shape, 0

    def answers(self, job, keyed):
        for _, arguments in keyed:
            yield {jobs.screened: self._screened, jobs.checked: self._checked}.get(job, self._made)(
                *arguments
            )

    def _screened(self, family):
        lost = [np.linspace(1, 0.1, n).tolist() for n in self.shape]
        bounds = (self.cycles - 1).tolist()
        return {"model": "", "bounds": bounds, "lost": lost, "energy": 2.0, "words": 9}

    def _checked(self, family, model, places, least):
        self.looks += len(places)
        values = [None if least is None else FLOAT - self.drops[at] for at in places]
        good = [least is None or value >= least for value in values]
        return [(v, self.cycles[at] if g else None) for v, g, at in zip(values, good, places)]

    def _made(self, family, options):
        at = options["refinements"]
        own = {"cycles": self.cycles[at], "drop": self.drops[at], "mse": 1.0, "bytes": 1}
        return {"candidate": {**own, "options": options}}


def found(made_up, beside=True):
    family = Family("svdn", {}, tuple(tuple(range(n)) for n in made_up.shape))
    problem = SimpleNamespace(network=SimpleNamespace(layers=[None]))
    search = Search(problem, Goal(MOST, None, True), made_up, FLOAT, 0, lambda count: None)
    if not beside:
        search._beside = list
    search.run([family])
    return search


def test_a_component_less_is_looked_at():
    """No neighbour of the answer with one component less is faster and good enough."""
    rng, helped, looks, plain = np.random.default_rng(0), 0, 0, 0
    for _ in range(60):
        made_up = MadeUp(rng, tuple(rng.integers(4, 15, 2)))
        if not (made_up.drops <= MOST).any():
            continue
        search = found(made_up)
        looks += made_up.looks
        first, second = search.best["candidate"]["options"]["refinements"]
        cycles = search.best["candidate"]["cycles"]
        assert made_up.drops[first, second] <= MOST
        for at in ((first - 1, second), (first, second - 1)):
            if min(at) >= 0 and made_up.cycles[at] < cycles:
                assert made_up.drops[at] > MOST
        made_up.looks = 0
        other = found(made_up, beside=False)
        plain += made_up.looks
        helped += other.best["candidate"]["cycles"] > cycles
        assert other.best["candidate"]["cycles"] >= cycles
    assert helped > 0 and looks < 1.1 * plain
