"""Fronts, against the definition."""

import math

import numpy as np
import pytest

from pynq_lstm.fronts import front


@pytest.mark.parametrize("seed", range(20))
def test_what_nothing_beats(seed):
    rng = np.random.default_rng(seed)
    items = [(int(a), int(b)) for a, b in rng.integers(0, 9, (rng.integers(0, 40), 2))]
    found = front(items, cost=lambda one: one[0], loss=lambda one: one[1])
    beaten = {
        one
        for one in items
        for other in items
        if other != one and other[0] <= one[0] and other[1] <= one[1]
    }
    assert found == sorted(set(items) - beaten)


def test_of_equal_ones_the_first_stays_and_what_is_not_finite_does_not():
    first, second = [1, 2], [1, 2]
    found = front([[0, math.inf], first, second], cost=lambda one: one[0], loss=lambda one: one[1])
    assert len(found) == 1 and found[0] is first
