"""Back ends by name, the life of a session, its reports, and the sessions that `infer` keeps."""

import importlib.util
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.reference import IntegerResult
from pynq_lstm.runtime import sessions
from pynq_lstm.runtime.session import Session

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
NO_KERNELS = pytest.mark.skipif(not BUILT, reason="the C kernels are not built")


@pytest.fixture(scope="module")
def models():
    """Six models of different content, and an input that they all take."""
    nets = [random_network(np.random.default_rng(seed), [(6, 8)]) for seed in range(6)]
    x = random_inputs(np.random.default_rng(9), nets[0], 4, 50)
    return [pl.compress(net, calibration=x, refinements=2) for net in nets], x


@pytest.fixture(autouse=True)
def no_kept_sessions(monkeypatch):
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    pl.clear_sessions()
    yield
    pl.clear_sessions()


@NO_KERNELS
def test_auto_takes_the_cpu(models):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session = pl.load(models[0][0])
    assert session.backend == "cpu" and session.last_run is None
    session.infer(models[1])
    assert session.last_run.backend == "cpu"


def test_fallback_is_named_and_explicit_cpu_refused(models, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynq_lstm.runtime.cpu._kernel", None)
    with pytest.warns(
        pl.BackendFallbackWarning,
        match="the slow reference runs instead of the CPU "
        r"back end: backend = 'cpu': its C kernels are not built",
    ) as caught:
        session = pl.load(models[0][0])
    assert caught[0].filename == __file__
    session.infer(models[1])
    assert session.last_run.backend == "reference"
    with pytest.raises(pl.BackendError, match=r"not built .*; run: python .*build\.py"):
        pl.load(models[0][0], "cpu")


@pytest.mark.parametrize(
    "name, text",
    (
        ("fpga", r"backend = 'fpga': not part of this version; choose from \['cpu', 'reference'\]"),
        ("emulator", "backend = 'emulator': not part of this version"),
        ("gpu", "'gpu': unknown"),
        (None, "backend = None: unknown; choose from"),
    ),
)
def test_other_backends_are_refused_by_name(models, name, text):
    for call in (
        lambda: pl.load(models[0][0], name),
        lambda: pl.infer(models[0][0], models[1], backend=name),
    ):
        with pytest.raises(pl.BackendError, match=text):
            call()


def test_emulation_is_asked_for_by_the_environment(models, monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    with pytest.raises(pl.BackendError, match="backend = 'emulator': not part of this version"):
        pl.load(models[0][0])
    assert pl.load(models[0][0], "reference").backend == "reference"
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "0")
    assert pl.load(models[0][0]).backend in ("cpu", "reference")


def test_model_may_be_a_path(models, tmp_path):
    (model, *_), x = models
    model.save(tmp_path / "a.safetensors")
    wanted = pl.load(model, "reference").infer(x)[0]
    for path in (tmp_path / "a.safetensors", str(tmp_path / "a.safetensors")):
        assert np.array_equal(pl.load(path, "reference").infer(x)[0], wanted)
        assert np.array_equal(pl.infer(path, x)[0], wanted)
    assert len(sessions._sessions) == 1
    with pytest.raises(pl.InputError, match="model = 'int': neither a CompressedModel nor a path"):
        pl.load(3)


def test_closed_session_is_refused(models):
    with pl.load(models[0][0], "reference") as session:
        assert session.infer(models[1])[0].any()
    session.close()
    for call in (session.infer, session.benchmark):
        with pytest.raises(
            pl.BackendError, match="session = 'closed': it runs no more; open another"
        ):
            call(models[1])
    assert session.backend == "reference" and session.last_run.backend == "reference"


class SlowBackend:
    """Notes whether calls overlap, or a closing one does."""

    name = "slow"

    def __init__(self):
        self.running, self.overlapped, self.closed_early, self.calls = 0, False, False, 0
        self.started = threading.Event()

    def run(self, x, h, c, lengths, refinements):
        self.running += 1
        self.calls += 1
        self.overlapped |= self.running > 1
        self.started.set()
        time.sleep(0.05)
        self.running -= 1
        out = [np.zeros((*a.shape[:2], b.shape[1]), np.int64) for a, b in zip(x, h)]
        return IntegerResult(out, h, c, {"p": 0, "pre": 0, "c": 0})

    def close(self):
        self.closed_early |= self.running > 0


def test_calls_are_serialised(models):
    backend = SlowBackend()
    session = Session(models[0][0], backend)
    threads = [threading.Thread(target=session.infer, args=(models[1],)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert backend.calls == 5 and not backend.overlapped


def test_closing_waits_for_the_call_that_runs(models):
    backend = SlowBackend()
    session = Session(models[0][0], backend)
    thread = threading.Thread(target=session.infer, args=(models[1],))
    thread.start()
    assert backend.started.wait(10)
    session.close()
    assert not backend.running and not backend.closed_early
    thread.join()


def test_benchmark_counts_its_calls(models):
    backend = SlowBackend()
    found = Session(models[0][0], backend).benchmark(calls=4)
    assert (backend.calls, found.calls, found.backend, found.modelled) == (5, 4, "slow", False)
    assert 0.05 <= found.p50 <= found.p99 <= found.max and 0.05 <= found.mean <= found.max
    assert found.to_dict()["p50"] == found.p50
    report = Session(models[0][0], SlowBackend())
    report.benchmark(models[1][:2], calls=1)
    assert report.last_run.values["x"] == 2 * 50 * 6
