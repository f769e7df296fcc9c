"""Ticks are round, few, ascending and written as people write numbers."""

import sys

import numpy as np
import pytest
from exploration_examples import exploration

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.plots import marks, ticks

pytest.importorskip("matplotlib")


@pytest.mark.parametrize("seed", range(30))
def test_plain_ticks(seed):
    rng = np.random.default_rng(seed)
    low = 10 ** rng.uniform(-8, 6)
    high = low * 10 ** rng.uniform(0.35, 14)
    found = ticks.plain(low, high)
    assert 2 <= len(found) <= ticks.MOST
    assert all(low <= tick <= high for tick in found) and found == sorted(set(found))
    assert all(float(f"{tick:.0e}") in (tick, pytest.approx(tick, rel=0.4)) for tick in found)


def test_plain_ticks_of_known_ranges():
    assert ticks.plain(0.9, 110) == pytest.approx([1, 2, 5, 10, 20, 50, 100])
    assert ticks.plain(1, 1e4) == pytest.approx([1, 3, 10, 30, 100, 300, 1000, 3000, 1e4])
    assert ticks.plain(2.4, 4.5) == pytest.approx([2.5, 3, 3.5, 4, 4.5])
    assert ticks.plain(0.47, 0.512) == pytest.approx([0.47, 0.48, 0.49, 0.5, 0.51])


@pytest.mark.parametrize("seed", range(30))
def test_narrow_ranges_have_ticks(seed):
    rng = np.random.default_rng(seed)
    low = 10 ** rng.uniform(-8, 6)
    high = low * (1 + 10 ** rng.uniform(-3, 0.3))
    found = ticks.plain(low, high)
    assert 3 <= len(found) <= ticks.MOST and (np.diff(found) > 0).all()
    assert low * (1 - 1e-9) <= found[0] and found[-1] <= high * (1 + 1e-9)


@pytest.mark.parametrize(
    "value, powers, told",
    [
        (0.05, False, "0.05"),
        (1, False, "1"),
        (2000, False, "2,000"),
        (150_000, False, "150,000"),
        (1e-6, True, "10$^{-6}$"),
        (5e-4, True, "5·10$^{-4}$"),
        (1, True, "10$^{0}$"),
    ],
)
def test_labels(value, powers, told):
    assert ticks.text(value, powers) == told


def test_drops_are_labelled_on_both_sides_of_nothing():
    ax = plots.axis()
    ticks.of_drops(ax.yaxis, [-0.9, 0.2, 12])
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["-1", "-0.5", "0", "0.5", "1", "2", "5", "10"]
    assert ax.get_ylim()[0] < -0.9 and ax.get_ylim()[1] > 12


def test_one_value_alone_has_an_axis():
    ax = plots.axis()
    ticks.logarithmic(ax.xaxis, 3.0, 3.0)
    assert ax.get_xlim()[0] < 3 < ax.get_xlim()[1]


def test_marks_differ_without_their_colour():
    for family in (marks.ENGINES, marks.BASELINES):
        assert len({one.marker for one in family.values()}) == len(family)
    assert marks.mark("another").label == "another"


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for draw in (
        lambda: plots.front(exploration()),
        lambda: plots.drop_against_mse(exploration().candidates),
        lambda: plots.resources({"dsp": 1}, {"dsp": 2}),
    ):
        with pytest.raises(pl.MissingExtraError, match=r"pip install 'pynq-lstm\[plots\]'"):
            draw()
