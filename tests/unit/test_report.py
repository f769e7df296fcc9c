"""What a session says of its last run."""

import importlib.util
import warnings

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.runtime.report import RunReport

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
NO_KERNELS = pytest.mark.skipif(not BUILT, reason="the C kernels are not built")


@pytest.fixture(scope="module")
def made():
    """A model and an input that it was calibrated on."""
    net = random_network(np.random.default_rng(0), [(6, 8)])
    x = random_inputs(np.random.default_rng(9), net, 4, 50)
    return pl.compress(net, calibration=x, refinements=2, solver="greedy"), x


def test_report(made):
    with pl.load(made[0], "reference") as session:
        session.infer(made[1], lengths=[1, 2, 3, 50], refinements=1)
        report = session.last_run
    assert report.values == {"x": 56 * 6, "state": 4 * 16, "p": 56 * 8, "pre": 56 * 32, "c": 56 * 8}
    assert report.saturated == {"x": 0, "state": 0, "p": 0, "pre": 0, "c": 0}
    assert set(report.seconds) == {"quantise", "run", "dequantise"}
    assert all(0 < seconds < 10 for seconds in report.seconds.values())
    assert report.total_seconds == sum(report.seconds.values())
    assert (report.modelled, report.cycles, report.refinements) == (False, None, 1)
    assert report.to_dict()["total_seconds"] == report.total_seconds


@pytest.mark.parametrize("backend", ("reference", pytest.param("cpu", marks=NO_KERNELS)))
def test_saturation_is_counted_and_warned_of_once(made, backend):
    model, x = made
    wild = x.copy()
    wild[:, ::5] *= 10
    product = np.rint(wild * np.float32(model.x_inverse_scale[0]))
    clipped = np.count_nonzero((product > 127) | (product < -128))
    session = pl.load(model, backend)
    with pytest.warns(
        pl.SaturationWarning,
        match=rf"{clipped / x.size:.2%} of x.* left its "
        "range and was clipped; calibrate on inputs like these, or use more bits",
    ) as caught:
        session.infer(wild)
    assert session.last_run.saturated["x"] == clipped and caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.infer(wild)
        session.infer(x)
    assert session.last_run.saturated["x"] == 0
    with pytest.warns(pl.SaturationWarning):  # another session, another warning
        pl.load(model, backend).infer(wild)


@pytest.mark.parametrize("kind", ("x", "state", "p", "pre", "c"))
def test_warning_needs_more_than_one_in_a_thousand(kind):
    def clipped_kinds(count):
        values = dict.fromkeys(("x", "state", "p", "pre", "c"), 1000)
        report = RunReport(
            "cpu", {}, False, None, {**dict.fromkeys(values, 1), kind: count}, values, 1
        )
        return report.clipped_kinds()

    assert clipped_kinds(1) == []
    assert clipped_kinds(2) == ([] if kind == "pre" else [kind])  # pre saturates by design


def test_clipping_a_state_is_counted_and_warned_of(made):
    h, c = np.zeros((1, 4, 8), np.float32), np.zeros((1, 4, 8), np.float32)
    c[0, 1, 2], h[0, 0, 0] = 1e4, 1.0  # 1.0 is one code beyond the grid of h
    with pl.load(made[0], "reference") as session:
        with pytest.warns(pl.SaturationWarning, match="3.12% of state left its range"):
            session.infer(made[1], (h, c))
        assert session.last_run.saturated["state"] == 2
        assert session.last_run.values["state"] == 64
        _, state = session.infer(made[1])
        session.infer(made[1], state)  # a returned state re-enters unchanged
        assert session.last_run.saturated["state"] == 0
