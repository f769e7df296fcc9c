"""Medians, intervals and ratios."""

import numpy as np
import pytest
from cpu import ratios


def test_interval_by_hand():
    """Of 15 values the 4th and the 12th: 2 x P(Binomial(15, 1/2) <= 3) is 3.5 %, <= 4 is 11.8 %."""
    values = np.random.default_rng(0).permutation(np.arange(15.0))
    assert ratios.median_interval(values) == [3.0, 11.0]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_values_give_their_range(count):
    assert ratios.median_interval(np.arange(float(count))) == [0.0, count - 1.0]


@pytest.mark.parametrize("count", [6, 15, 31])
def test_interval_covers_the_median(count):
    """In at least 95 % of samples, less what 4,000 samples leave open."""
    rng = np.random.default_rng(count)
    samples = rng.exponential(size=(4000, count))
    intervals = np.array([ratios.median_interval(sample) for sample in samples])
    inside = (intervals[:, 0] <= np.log(2)) & (np.log(2) <= intervals[:, 1])
    assert 0.94 < inside.mean() < 1
    assert count == 6 or inside.mean() < 0.99


def test_summary():
    told = ratios.summary([5.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0])
    assert told == {"median": 6.0, "minimum": 1.0, "p10": 2.0}


def test_pairs_cancel_a_busy_machine():
    """Rounds that slow both sides alike leave the ratio as it is."""
    busy = np.array([1.0, 3.0, 1.0, 10.0, 2.0, 1.0, 5.0])
    ratio, interval = ratios.pairwise(8 * busy, 2 * busy)
    assert ratio == 4 and interval == [4, 4]
