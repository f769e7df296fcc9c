"""What an arm offers next, against all pairs; and the order of the tries."""

from types import SimpleNamespace

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.budgets import smallest
from pynq_lstm.budgets.arm import OPTIMISM, SPARED, Arm, by_expected_error, promising
from pynq_lstm.budgets.screen import Screen
from pynq_lstm.budgets.tries import Ended, Tries


def screen(rng, shape=(4, 5), **options):
    """Errors that fall and words that rise with either rank."""
    error = np.add.outer(*(np.sort(rng.random(n))[::-1] for n in shape))
    words = np.add.outer(*(np.cumsum(rng.integers(1, 9, n)) for n in shape))
    ranks = tuple(list(range(1, n + 1)) for n in shape)
    return Screen({"method": "svd", **options}, ranks, error, {"words": words}, [])


class Made:
    """Stands in for `Tries`: every model has a share of the error that its screen says."""

    def __init__(self, share=0.9):
        self.share, self.asked = share, []

    def trial(self, options):
        self.asked.append(options)
        at = tuple(r - 1 for r in options["refinements"])
        return SimpleNamespace(relative_error=self.share * options["screen"].error[at])


def test_every_pair_once_the_best_first():
    rng = np.random.default_rng(0)
    one = screen(rng)
    one.options["screen"] = one
    arm, tries, limits = Arm(one, "bcd"), Made(), {"words": 25}
    fit = [(i, j) for i in range(4) for j in range(5) if one.costs["words"][i, j] <= 25]
    naive = sorted(fit, key=lambda at: one.error[at])
    assert 1 < len(naive) < 20 and arm.expected(naive[0]) == OPTIMISM * one.error[naive[0]]
    for at in naive:
        assert arm.best(limits) == at
        arm.take(at, tries)
        assert arm.expected(at) == pytest.approx(0.9 * one.error[at])
    assert arm.best(limits) is None and not by_expected_error([arm], limits)
    assert not promising([arm], limits)
    made = [options["refinements"] for options in tries.asked]
    assert made == [(i + 1, j + 1) for i, j in naive]
    assert all(options["solver"] == "bcd" for options in tries.asked)


def test_the_edge_against_all_pairs():
    rng = np.random.default_rng(1)
    for _ in range(50):
        one, most = screen(rng), int(rng.integers(5, 60))
        words = one.costs["words"]
        naive = set()
        for i in range(4):
            for j in range(5):
                more = [words[p] for p in ((i + 1, j), (i, j + 1)) if p[0] < 4 and p[1] < 5]
                if words[i, j] <= most and all(w > most for w in more):
                    naive.add((i, j))
        edge = Arm(one, "greedy").edge({"words": most})
        assert set(edge) == naive and len(edge) == len(naive)
        assert [one.error[at] for at in edge] == sorted(one.error[at] for at in edge)


def test_arms_that_promise_nothing_are_left_out():
    rng = np.random.default_rng(2)
    arms = [Arm(screen(rng)) for _ in range(6)]
    for scale, arm in zip((1, 1.5, 3, 9, 0.5, 4), arms):
        arm.screen.error[:] = scale * 0.1
    limits = {"words": 1000}
    assert [round(e, 3) for e, _, _ in by_expected_error(arms, limits)] == [
        0.05, 0.1, 0.15, 0.3, 0.4, 0.9
    ]  # fmt: skip
    assert [arm for _, arm, _ in promising(arms, limits)] == [arms[4], arms[0]]
    for arm in arms:
        arm.screen.error[:] /= 1000  # so little that none is told from another
    assert len(promising(arms, limits)) == 6


def test_words_are_left_to_the_compression():
    one = screen(np.random.default_rng(3))
    options = Arm(one, "greedy", allotted=True).options((2, 3))
    words = int(SPARED * one.costs["words"][2, 3])
    assert options == {"method": "svd", "words": words, "solver": "greedy"}


def tries(make, most=3):
    asked = SimpleNamespace(max_drop=None, limits={"words": 300}, budget=pl.Budget(words=300))
    steps = []
    return Tries(make, asked, None, most, np.inf, lambda: steps.append(1)), steps


def test_a_model_is_made_once_and_so_many_are_made():
    from example_matrices import random_network

    network, made = random_network(np.random.default_rng(0), [(4, 5), (4, 5)]), []

    def make(options):
        made.append(options)
        return pl.compress(network, input_range=(-1, 1), progress=False, **options)

    run, steps = tries(make)
    options = [{"method": "svd", "refinements": r, "weight_bits": 8} for r in (2, 99, 4, 5)]
    first = run.trial(options[0])
    assert run.trial(dict(reversed(options[0].items()))) is first and len(made) == 1
    assert run.trial(options[1]) is None  # it cannot be compressed, and counts
    last = run.trial(options[2])
    with pytest.raises(Ended):
        run.trial(options[3])
    assert run.trial(options[2]) is last and run.done == [first, last] and len(steps) == 3
    assert first.fits and not last.fits
    assert run.best(lambda trial: trial.relative_error) is first
    assert run.model(last).max_refinements == 4


class Dropped:
    """Stands in for `Tries`: a way to share keeps to the drop or does not, whatever its error."""

    def __init__(self, good):
        self.good, self.asked = good, []

    def trial(self, options):
        share, words = options.get("share"), sum(options["refinements"])
        self.asked.append(share)
        found = SimpleNamespace(
            fits=share == self.good, relative_error=0.1, drop=0.0, costs={"words": words}
        )
        self.found = getattr(self, "found", []) + [found]
        return found

    def best(self, key):
        return min((one for one in self.found if one.fits), key=key)


@pytest.mark.parametrize("ways", (3, 6))
def test_every_way_to_share_is_tried_before_a_drop_is_out_of_reach(ways):
    """The one with the most error keeps to it; four models of the first way have less."""
    rng, arms = np.random.default_rng(4), []
    for way in range(ways):
        for _ in range(5):
            arms.append(Arm(screen(rng, share=way), "greedy"))
            error = arms[-1].screen.error
            error[:] = (1 + 0.1 * error) * 4.0**way
    run = Dropped(good=ways - 1)
    smallest.run(arms, run, {"words": 1000}, "words")
    assert run.asked[:ways] == list(range(ways)) and run.best(lambda one: one.costs["words"])


def test_so_many_starts_of_one_way():
    rng = np.random.default_rng(5)
    arms = [Arm(screen(rng), "greedy") for _ in range(6)]
    for scale, arm in zip((1, 9, 1, 30, 100, 300), arms):
        arm.screen.error[:] = scale * 0.1  # most promise little
    run = Dropped(good="none of them")
    smallest.run(arms, run, {"words": 1000}, "words")
    assert len(run.asked) == smallest.STARTS


def test_other_shares_of_tiles_in_either_part_have_to_promise_less():
    rng = np.random.default_rng(6)
    apart = {"zero_v_tiles": (0, 2)}
    given = [({}, 1.0), ({"zero_v_tiles": 2}, 0.9), (apart, 0.87), (apart, 0.5), (apart, 0.8)]
    arms = [Arm(screen(rng, weight_bits=8, **tiles), "greedy") for tiles, _ in given]
    arms.append(Arm(screen(rng, weight_bits=4, **apart), "greedy"))  # to be held against none
    for arm, error in zip(arms, [*(error for _, error in given), 0.95]):
        arm.screen.error[:] = error
    limits = {"words": 1000}
    kept = [arms[k] for k in (3, 4, 1, 5, 0)]
    assert [arm for _, arm, _ in promising(arms, limits)] == kept
    left = [arm for _, arm, _ in promising([arms[k] for k in (2, 3, 5)], limits, arms)]
    assert left == [arms[3], arms[5]]  # held against what is not asked any more
    assert len(by_expected_error(arms, limits)) == 6  # where weight error is what counts
