"""Calls are timed in turn, and their times are those of the calls."""

import gc
import time

import numpy as np
import pytest
from cpu import timing


def test_in_turn(monkeypatch):
    monkeypatch.setattr(timing, "BLOCK", 1e-4)
    order, rounds = [], []
    calls = {name: lambda name=name: order.append(name) for name in "abc"}
    times = timing.in_turn(calls, rounds=4, progress=lambda: rounds.append(len(order)))
    assert list(times) == ["a", "b", "c"] and len(rounds) == 4
    # without repetitions inside a block, the rounds go a b c a b c ...
    timed = order[rounds[0] :]
    blocks = [name for k, name in enumerate(timed) if k == 0 or timed[k - 1] != name]
    assert blocks == ["a", "b", "c"] * 3
    assert all(t.cpu.shape == t.wall.shape == (4,) for t in times.values())


def test_both_clocks(monkeypatch):
    """Sleeping takes time of the wall, not of the processor."""
    monkeypatch.setattr(timing, "BLOCK", 1e-3)
    times = timing.in_turn({"sleep": lambda: time.sleep(2e-3)}, rounds=3)["sleep"]
    assert times.wall.min() >= 2000
    assert np.median(times.cpu) < 1000


def test_block_size(monkeypatch):
    monkeypatch.setattr(timing, "BLOCK", 4e-3)
    assert timing.block_size(lambda: time.sleep(10e-3)) == 1
    assert 1 <= timing.block_size(lambda: time.sleep(1e-3)) <= 4


def test_fastest(monkeypatch):
    monkeypatch.setattr(timing, "BLOCK", 1e-3)
    slow, fast = (lambda seconds=seconds: time.sleep(seconds) for seconds in (20e-3, 0))
    assert timing.fastest([slow, fast]) is fast
    assert timing.fastest([slow]) is slow


def test_the_collector_comes_back(monkeypatch):
    monkeypatch.setattr(timing, "BLOCK", 1e-4)

    def fail():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        timing.in_turn({"call": lambda: None}, rounds=2, progress=fail)
    assert gc.isenabled()
