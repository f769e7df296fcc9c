"""A search over accuracies, made up, that do not fall with every component less."""

from types import SimpleNamespace

import numpy as np
import pytest

from pynq_lstm.errors import CompressionError
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


def found(made_up, beside=True, tries=0):
    family = Family("svdn", {}, tuple(tuple(range(n)) for n in made_up.shape))
    problem = SimpleNamespace(network=SimpleNamespace(layers=[None]))
    search = Search(problem, Goal(MOST, None, True), made_up, FLOAT, tries, lambda *told: None)
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


def test_the_most_components_fail_and_fewer_do_not():
    """The search goes on from what lost least, a component less at a time."""
    made_up = MadeUp(np.random.default_rng(0), (6, 7))
    way = [(5, 6), (4, 6), (4, 5), (3, 5)]
    made_up.drops[...] = 30.0
    for n, at in enumerate(way):
        made_up.drops[at] = 20.0 - n
    with pytest.raises(CompressionError, match="was found, the least drop is 17;"):
        found(made_up)
    for good in way[1:]:
        before, made_up.drops[good] = made_up.drops[good], MOST
        assert found(made_up).best["candidate"]["options"]["refinements"] == good
        with pytest.raises(CompressionError, match="was found, the least drop is 20;"):
            found(made_up, beside=False)
        made_up.drops[good] = before


def test_a_descent_that_is_refused_is_counted_once():
    made_up = MadeUp(np.random.default_rng(0), (4, 5))
    made_up.drops[...] = 9.0
    made_up.drops[:, -1] = 4.0
    made, refused = made_up._made, []

    def of_greedy(family, options):
        if options.get("solver") == "bcd":
            refused.append(options)
            return {"refused": "made up"}
        return made(family, options)

    made_up._made = of_greedy
    search = found(made_up, tries=9)
    assert refused and search.left_out["refused"] == 0
    assert sum(search.left_out.values()) + len(search.made) == made_up.cycles.size
