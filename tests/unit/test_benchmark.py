"""`Session.benchmark`: whole calls, stages, and what a device adds."""

import json

import numpy as np
import pytest
from example_matrices import random_network
from fake_device import STAGES, FakeDevice

import pynq_lstm as pl
from pynq_lstm.runtime.benchmark import Benchmark
from pynq_lstm.runtime.report import RunReport
from pynq_lstm.runtime.session import Session


@pytest.fixture(scope="module")
def model():
    network = random_network(np.random.default_rng(0), [(6, 8), (5, 8)])
    return pl.compress(network, input_range=(-3, 3), refinements=3, solver="greedy")


def report(cycles=None, **stages):
    return RunReport("fake", stages, True, cycles, {}, {}, 1, stages["run"] / 10, "c")


def test_summary():
    runs = [report(copy=1.0 * n, run=100.0 - n) for n in range(101)]
    counted = [report(copy=0.0, run=60.0 + n, cycles=n) for n in (7, 9, 11)]
    found = Benchmark.of([n / 2 for n in range(101)], runs, counted)
    assert (found.backend, found.calls, found.modelled, found.access) == ("fake", 101, True, "c")
    assert (found.p50, found.p99, found.max, found.mean) == (25.0, 49.5, 50.0, 25.0)
    assert found.stages == {
        "copy": {"p50": 50.0, "p99": 99.0, "max": 100.0},
        "run": {"p50": 50.0, "p99": 99.0, "max": 100.0},
    }
    assert (found.kernel_seconds, found.cycles) == (6.9, 9)
    assert Benchmark.of([1.0], runs[:1]).kernel_seconds == 10.0
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()


def test_on_a_host(model):
    with pl.load(model, "reference") as session:
        found = session.benchmark(steps=2, calls=4)
        assert (found.calls, found.backend, found.modelled) == (4, "reference", False)
        assert list(found.stages) == ["quantise", "run", "dequantise"]
        assert 0 < found.stages["run"]["p50"] <= found.stages["run"]["p99"] <= found.p99
        assert found.p50 <= found.p99 <= found.max and 0 < found.mean <= found.max
        assert found.kernel_seconds is found.cycles is found.access is None
        assert session.last_run.values["x"] == 2 * 11
        session.benchmark([np.zeros((2, 5, n), np.float32) for n in (6, 5)], calls=1)
        assert session.last_run.values["x"] == 2 * 5 * 11
        session.benchmark(batch=3, steps=1, calls=1, refinements=2)
        assert session.last_run.values["x"] == 3 * 11 and session.last_run.refinements == 2


def test_on_a_device_cycles_come_from_calls_of_their_own(model):
    device = FakeDevice(model)
    with Session(model, device) as session:
        found = session.benchmark(steps=1, calls=3)
        assert device.runs == 1 + 3 + 3 and not device.count_cycles
        assert found.stages["flush"] == {"p50": 3e-6, "p99": pytest.approx(3.98e-6), "max": 4e-6}
        assert tuple(found.stages) == ("quantise", *STAGES, "dequantise")
        assert (found.kernel_seconds, found.cycles) == (6e-3, 6000)
        assert (found.modelled, found.access) == (True, "mmio")
        json.dumps(found.to_dict(), allow_nan=False)
        session.benchmark(steps=1, calls=20)
        assert device.runs == 7 + 1 + 20 + 5


@pytest.mark.parametrize("before", (True, False))
def test_a_call_that_fails_leaves_the_counting_as_it_was(model, before):
    device = FakeDevice(model)
    device.count_cycles = before

    class Failing(list):
        def __init__(self):
            super().__init__(np.zeros((1, 1, n), np.float32) for n in (6, 5))
            self.left = 4

        def __iter__(self):  # the fifth call is one that counts
            self.left -= 1
            device.failing = int(self.left < 0)
            return super().__iter__()

    with Session(model, device) as session, pytest.raises(pl.DeviceTimeout):
        session.benchmark(Failing(), calls=3)
    assert device.count_cycles is before and device.runs == 4
