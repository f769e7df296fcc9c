"""`pynq_lstm.infer`: the last four sessions are kept, by content, from whatever thread."""

import threading

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm import model_file
from pynq_lstm.runtime import sessions
from pynq_lstm.runtime.session import Session


@pytest.fixture(scope="module")
def models():
    """Six models of different content, an input that they all take, and their answers."""
    nets = [random_network(np.random.default_rng(seed), [(6, 8)]) for seed in range(6)]
    x = random_inputs(np.random.default_rng(9), nets[0], 2, 4)
    made = [pl.compress(net, input_range=(-4, 4), refinements=2, solver="greedy") for net in nets]
    return made, x, [pl.load(model, "reference").infer(x)[0] for model in made]


@pytest.fixture(autouse=True)
def events(monkeypatch):
    """What was opened and closed, models by their hash."""
    pl.clear_sessions()
    found, load, close = [], sessions.load, Session.close

    def recording_load(model, backend="auto"):
        found.append(("open", model_file.content_hash(model)))
        return load(model, backend)

    def recording_close(session):
        found.append(("close", model_file.content_hash(session.model)))
        close(session)

    monkeypatch.setattr(sessions, "load", recording_load)
    monkeypatch.setattr(Session, "close", recording_close)
    yield found
    pl.clear_sessions()


def opened(models, *indices):
    return [("open", model_file.content_hash(models[k])) for k in indices]


def closed(models, *indices):
    return [("close", model_file.content_hash(models[k])) for k in indices]


def test_answers_are_those_of_a_session(models):
    made, x, wanted = models
    state = pl.load(made[0], "reference").infer(x)[1]
    out, end = pl.infer(made[0], x, state, [1, 3], 1, backend="reference")
    expected, end_expected = pl.load(made[0], "reference").infer(x, state, [1, 3], 1)
    assert np.array_equal(out, expected) and np.array_equal(end, end_expected)
    assert not np.array_equal(out, wanted[0])


def test_a_fifth_model_closes_the_one_used_longest_ago(models, events):
    made, x, wanted = models
    for k in (0, 1, 2, 3, 0):
        assert np.array_equal(pl.infer(made[k], x)[0], wanted[k])
    assert events == opened(made, 0, 1, 2, 3)
    pl.infer(made[4], x)
    assert events[4:] == opened(made, 4) + closed(made, 1)
    pl.infer(made[0], x)
    pl.infer(made[1], x)
    assert events[6:] == opened(made, 1) + closed(made, 2)


def test_equal_content_is_one_session_and_another_backend_another(models, events, tmp_path):
    made, x, _ = models
    made[0].save(tmp_path / "a.safetensors")
    copy = model_file.from_bytes(model_file.to_bytes(made[0]))
    for model in (made[0], copy, tmp_path / "a.safetensors", str(tmp_path / "a.safetensors")):
        pl.infer(model, x, backend="reference")
    assert events == opened(made, 0)
    pl.infer(made[0], x)
    assert events[1:] == opened(made, 0)


def test_clear_closes_all_and_the_next_call_opens_again(models, events):
    made, x, wanted = models
    for k in range(3):
        pl.infer(made[k], x)
    pl.clear_sessions()
    assert events[3:] == closed(made, 0, 1, 2)
    assert np.array_equal(pl.infer(made[0], x)[0], wanted[0])
    assert events[6:] == opened(made, 0)
    pl.clear_sessions()
    pl.clear_sessions()
    assert events[7:] == closed(made, 0)


def test_bad_input_leaves_the_session_open(models, events):
    made, x, wanted = models
    with pytest.raises(pl.InputError, match="not float32"):
        pl.infer(made[0], x.astype(float))
    with pytest.raises(pl.BackendError, match="'gpu': unknown"):
        pl.infer(made[1], x, backend="gpu")
    assert np.array_equal(pl.infer(made[0], x)[0], wanted[0])
    assert events.count(opened(made, 0)[0]) == 1 and closed(made, 0)[0] not in events


def test_a_session_whose_device_failed_is_not_kept(models, events, monkeypatch):
    made, x, wanted = models
    assert np.array_equal(pl.infer(made[0], x)[0], wanted[0])

    def failed(*_):
        raise pl.DeviceFailed("device", "ZCU104", "no answer", "open another session")

    with monkeypatch.context() as patched:
        patched.setattr(next(iter(sessions._sessions.values()))._calls, "infer", failed)
        with pytest.raises(pl.DeviceFailed, match="no answer"):
            pl.infer(made[0], x)
    assert events == opened(made, 0) + closed(made, 0) and not sessions._sessions
    assert np.array_equal(pl.infer(made[0], x)[0], wanted[0])


def test_session_pushed_out_between_its_choice_and_its_call(models, monkeypatch):
    """Four other models arrive after the session is taken and before it runs."""
    made, x, wanted = models
    infer, disturbed = Session.infer, []

    def late_infer(session, *args, **kwargs):
        if session.model is made[0] and not disturbed:
            disturbed.append(session)
            other = threading.Thread(target=lambda: [pl.infer(made[k], x) for k in (1, 2, 3, 4)])
            other.start()
            other.join()
        return infer(session, *args, **kwargs)

    monkeypatch.setattr(Session, "infer", late_infer)
    assert np.array_equal(pl.infer(made[0], x)[0], wanted[0])
    with pytest.raises(pl.BackendError, match="closed"):
        disturbed[0].infer(x)


def test_many_threads_and_more_models_than_are_kept(models):
    made, x, wanted = models
    failures = []

    def work(seed):
        rng = np.random.default_rng(seed)
        try:
            for k in rng.integers(0, 6, 30):
                if not np.array_equal(pl.infer(made[k], x)[0], wanted[k]):
                    failures.append(f"wrong answer of model {k}")
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert len(sessions._sessions) == 4
