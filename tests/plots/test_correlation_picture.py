"""Drop against the error of the weights, and the correlation of their ranks."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from exploration_examples import candidate, candidates

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.plots.correlation import rank_correlation

pytest.importorskip("matplotlib")


def naive_ranks(values):
    """From 1; equal ones share the mean of their places."""
    places = {}
    ordered = sorted(values)
    for value, group in groupby(range(len(values)), lambda n: ordered[n]):
        places[value] = np.mean([n + 1 for n in group])
    return [places[value] for value in values]


@pytest.mark.parametrize("seed", range(20))
def test_correlation_of_ranks(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 6, (2, 12)).astype(float)  # with equal ones
    expected = np.corrcoef(naive_ranks(x), naive_ranks(y))[0, 1]
    assert rank_correlation(x, y) == pytest.approx(expected, abs=1e-12)
    assert rank_correlation(x, np.exp(-x)) == pytest.approx(-1)


def test_correlation_of_known_ranks():
    """By hand: ranks differ by 1, 1, 0, 0 of 4, so 1 - 6 * 2 / (4 * 15)."""
    assert rank_correlation([10, 20, 30, 40], [2, 1, 3, 99]) == pytest.approx(0.8)


@pytest.mark.parametrize("values", [[], [1], [2, 2, 2]])
def test_correlation_that_is_not_defined(values):
    assert rank_correlation(values, list(range(len(values)))) is None


def test_points_and_title():
    found = candidates()
    ax = plots.drop_against_mse(found)
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    points = sorted(tuple(place) for line in lines for place in line.get_xydata())
    assert points == sorted((one.mse, one.drop) for one in found)
    related = rank_correlation([one.mse for one in found], [one.drop for one in found])
    assert f"rank correlation {related:.2f}, {len(found)} models" in ax.get_title()
    assert [line.get_label() for line in lines] == ["SVDn", "SVD1", "block-diagonal", "dense"]
    assert ax.get_xscale() == "log" and "points" in ax.get_ylabel()


def test_a_model_on_several_designs_counts_once():
    found = candidates()
    slower = [replace(one, microseconds=3 * one.microseconds) for one in found]
    assert f"{len(found)} models" in plots.drop_against_mse([*found, *slower]).get_title()


def test_too_few_models_have_no_correlation():
    assert "not defined" in plots.drop_against_mse([candidate()]).get_title()


def test_models_without_drop_are_refused():
    with pytest.raises(pl.InputError, match="validation"):
        plots.drop_against_mse([candidate(drop=None)])
