"""What an exploration says that it left out: every point once."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
from explored import ASKED, FIXED

from pynq_lstm.exploration.families import families
from pynq_lstm.exploration.region import BAD, GOOD, UNKNOWN, Region
from pynq_lstm.exploration.search import Search


def random_region(rng, number):
    """A region of which some points were made, some are bad, some run nowhere."""
    shape = tuple(rng.integers(1, 7, 2))
    bounds = np.where(rng.random(shape) < 0.3, np.inf, rng.integers(1, 99, shape)).tolist()
    lost = [rng.random(n).tolist() for n in shape]
    told = {"model": "", "bounds": bounds, "lost": lost, "energy": 1.0, "words": 10}
    region = Region(number, SimpleNamespace(ranks=shape), told)
    region.state[...] = rng.choice([UNKNOWN, GOOD, BAD], shape)
    region.closed[...] = rng.random(shape) < 0.2
    return region


def reason(region, at, untried):
    """Of one point, or None where it was made."""
    if region.closed[at]:
        return None
    if (region.number, at) in untried:
        return "tries"
    if not np.isfinite(region.cycles[at]) and region.state[at] != GOOD:
        return "resources"
    return "accuracy" if region.state[at] == BAD else "bound"


def test_every_point_has_one_reason():
    rng = np.random.default_rng(0)
    for _ in range(30):
        search = Search(None, None, None, None, 0, None)
        search.regions = [random_region(rng, n) for n in range(3)]
        points = [
            (region, at) for region in search.regions for at in np.ndindex(region.state.shape)
        ]
        search._untried = [points[n] for n in rng.permutation(len(points))[:4]]
        search._count()
        untried = [(region.number, at) for region, at in search._untried]
        expected = Counter(reason(region, at, untried) for region, at in points)
        made = expected.pop(None, 0)
        assert {k: v for k, v in search.left_out.items() if v} == expected
        assert sum(search.left_out.values()) + made == len(points)


def test_points_add_up(task, found):
    """Those that were left out, and those that were made of greedy components."""
    every = sum(one.points for one in families(task[0], ASKED["engines"], FIXED))
    greedy = sum("solver" not in one.options for one in found.candidates)
    assert sum(found.left_out.values()) + greedy == every
