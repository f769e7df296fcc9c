"""The life of a session: models by path, closing, calls one at a time."""

import threading
import time

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.reference import IntegerResult
from pynq_lstm.runtime import sessions
from pynq_lstm.runtime.session import Session


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


def test_model_may_be_a_path(models, tmp_path):
    (model, *_), x = models
    model.save(tmp_path / "a.safetensors")
    wanted = pl.load(model, "reference").infer(x)[0]
    for path in (tmp_path / "a.safetensors", str(tmp_path / "a.safetensors")):
        assert np.array_equal(pl.load(path, "reference").infer(x)[0], wanted)
        assert np.array_equal(pl.infer(path, x)[0], wanted)
    assert len(sessions._sessions) == 1
    with pytest.raises(pl.InputError, match="model = 'int': neither a CompressedModel, a"):
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
    timing = None

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
