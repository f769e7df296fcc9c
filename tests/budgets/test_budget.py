"""Budgets: what they take, and what they refuse by name."""

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.budgets.budget import COSTS, fits
from pynq_lstm.runtime.fpga.files import designs


def test_limits_are_those_that_are_given():
    budget = pl.Budget(words=3, bytes=np.int64(5), design="svd_lstm")
    assert budget.limits == {"bytes": 5, "words": 3}
    assert budget.design == designs()["svd_lstm"]
    assert pl.Budget.of({"microseconds": 0.5, "design": designs()["svd_lstm"]}).limits == {
        "microseconds": 0.5
    }
    assert pl.Budget.of(budget) is budget


@pytest.mark.parametrize(
    "fields, text",
    [
        ({"bytes": 0}, r"budget\.bytes = 0: not a positive number; pass an upper limit"),
        ({"words": -1}, r"budget\.words = -1: not a positive"),
        ({"multiplications": True}, r"budget\.multiplications = True: not a positive"),
        ({"bytes": "20k"}, r"budget\.bytes = '20k': not a positive"),
        ({"bytes": float("nan")}, r"budget\.bytes = nan: not a positive"),
        ({"words": -(10**400)}, r"budget\.words = -1.*: not a positive"),
        ({"bytes": float("inf")}, r"budget\.bytes = inf: not a positive"),
        ({"microseconds": 1.0}, r"budget\.design = None: a time needs a design; pass design=, one"),
        ({"microseconds": 1.0, "design": "zcu"}, r"budget\.design = 'zcu': no such design; choose"),
        ({"bytes": 9, "design": 3}, r"budget\.design = 3: no such design; choose from \['block"),
        ({"byte": 9}, r"budget\.byte = 9: unknown; choose from \['bytes', 'words'"),
    ],
)
def test_refused(fields, text):
    with pytest.raises(pl.CompressionError, match=text):
        pl.Budget.of(fields)


@pytest.mark.parametrize("value", [3, "bytes", [("bytes", 3)]])
def test_no_budget(value):
    with pytest.raises(pl.CompressionError, match=r"budget = .*: not a Budget; pass Budget\("):
        pl.Budget.of(value)


def test_fits_against_a_naive_check():
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(300):
        costs = {name: rng.choice([None, 1, 2, 3]) for name in COSTS}
        limits = {name: int(rng.integers(1, 4)) for name in COSTS if rng.random() < 0.4}
        naive = True
        for name in limits:
            if costs[name] is None or costs[name] > limits[name]:
                naive = False
        assert fits(costs, limits) is naive
        seen.add(naive)
    assert seen == {True, False}
