"""Streams on the CPU: the bits of one `infer`, whatever is clipped, refused or comes in between."""

import warnings

import numpy as np
import pytest
from cpu_checks import SIZED, SIZES, bits, compressed, session_of

import pynq_lstm as pl

MODELS = [(name, width, method) for name in SIZES for width in (8, 16) for method in SIZED]


@pytest.fixture(params=MODELS, ids=str)
def made(request):
    """A model and the steps of two sequences, each a list of what `Stream.step` takes."""
    model, x = compressed(*request.param)
    arrays = x if model.models > 1 else [x]
    sequences = []
    for b in range(2):
        steps = [[a[b, t] for a in arrays] for t in range(12)]
        sequences.append(steps if model.models > 1 else [step[0] for step in steps])
    return model, sequences


def whole(model, steps):
    """The sequence as `infer` takes it."""
    if model.models == 1:
        return np.stack(steps)
    return [np.stack([step[j] for step in steps]) for j in range(model.models)]


def at(model, out, t):
    """Step t of what `infer` gave, as bits over models."""
    return [bits(a[t]) for a in (out if model.models > 1 else [out])]


def over(model, out):
    return [bits(a) for a in (out if model.models > 1 else [out])]


def expected(model, steps, state=None, refinements=None):
    """Out and end by the reference."""
    with pl.load(model, "reference") as naive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return naive.infer(whole(model, steps), state, refinements=refinements)


@pytest.mark.parametrize("refinements", [None, 1])
def test_many_steps_equal_one_infer(kernel, made, refinements):
    model, (steps, _) = made
    wanted, end = expected(model, steps, refinements=refinements)
    with session_of(model, kernel) as session, session.stream(refinements) as stream:
        for t, step in enumerate(steps):
            assert over(model, stream.step(step)) == at(model, wanted, t)
            assert session.last_run.saturated["x"] == 0
        assert bits(stream.state) == bits(end)


@pytest.mark.parametrize("kind", ["x", "p"])
def test_steps_that_saturate_are_taken_once(kernel, made, kind):
    """The state moves on by one step, though the report has to be told at once."""
    model, (steps, _) = made
    factor = np.float32(1e3 if kind == "x" else 4)
    wild = [[factor * a for a in step] if model.models > 1 else factor * step for step in steps]
    wanted, end = expected(model, wild)
    with session_of(model, kernel) as session, session.stream() as stream:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for t, step in enumerate(wild):
                assert over(model, stream.step(step)) == at(model, wanted, t)
                assert session.last_run.saturated["x"] or kind == "p"
        assert bits(stream.state) == bits(end)
    assert kind == "p" or sum("of x" in str(one.message) for one in caught) == 1
    assert all(one.filename == __file__ for one in caught)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_refused_step_leaves_the_stream_as_it_was(kernel, made, value):
    model, (steps, _) = made
    wanted, _ = expected(model, steps)
    with session_of(model, kernel) as session, session.stream() as stream:
        for t, step in enumerate(steps):
            bad = [a.copy() for a in step] if model.models > 1 else step.copy()
            (bad[-1] if model.models > 1 else bad)[-1] = value
            report = session.last_run
            with pytest.raises(pl.InputError, match="not finite"):
                stream.step(bad)
            with pytest.raises(pl.InputError):
                stream.step(None)
            assert session.last_run == report
            assert over(model, stream.step(step)) == at(model, wanted, t)


def test_a_state_got_set_and_reset(made):
    model, (steps, others) = made
    state = expected(model, others)[1]
    wanted, end = expected(model, steps, state)
    from_zero = expected(model, steps)[0]
    with session_of(model) as session, session.stream() as stream:
        for begin in (lambda: setattr(stream, "state", state), stream.reset, stream.reset):
            begin()
            first = over(model, stream.step(steps[0]))
            assert first in (at(model, wanted, 0), at(model, from_zero, 0))
        stream.state = state
        assert bits(stream.state) == bits(state)
        for t, step in enumerate(steps):
            assert over(model, stream.step(step)) == at(model, wanted, t)
            stream.state = stream.state  # re-enters unchanged
        assert bits(stream.state) == bits(end)
        stream.reset()
        assert over(model, stream.step(steps[0])) == at(model, from_zero, 0)
        stream.state = None
        assert over(model, stream.step(steps[0])) == at(model, from_zero, 0)


def test_a_state_that_was_got_is_the_callers_own(made):
    model, (steps, _) = made
    with session_of(model) as session, session.stream() as stream:
        stream.step(steps[0])
        state = stream.state
        kept = bits(state)
        out = stream.step(steps[1])
        first = bits(out)
        stream.step(steps[2])
        assert bits(state) == kept and bits(out) == first


def test_two_streams_and_infer_interleaved(threads, made):
    model, sequences = made
    wanted = [expected(model, steps)[0] for steps in sequences]
    with session_of(model, threads=threads) as session:
        streams = [session.stream() for _ in sequences]
        for t in range(12):
            for stream, steps, out in zip(streams, sequences, wanted):
                assert over(model, stream.step(steps[t])) == at(model, out, t)
                found = session.infer(whole(model, sequences[0]))[0]
                assert bits(found) == bits(wanted[0])


def test_a_closed_stream_or_session(made):
    model, (steps, _) = made
    session = session_of(model)
    streams = [session.stream() for _ in range(2)]
    for stream in streams:
        stream.step(steps[0])
    streams[0].close()
    with pytest.raises(pl.BackendError, match="stream = 'closed'"):
        streams[0].step(steps[1])
    session.close()
    for use in (lambda: streams[1].step(steps[1]), lambda: streams[1].state, streams[1].reset):
        with pytest.raises(pl.BackendError, match="session = 'closed'"):
            use()


def test_a_stream_whose_state_is_not_known_says_so(made, monkeypatch):
    model, (steps, _) = made
    wanted, _ = expected(model, steps)
    with session_of(model) as session, session.stream() as stream:
        stream.step(steps[0])
        with monkeypatch.context() as patched:
            patched.setattr(stream, "_short", None)
            patched.setattr(stream._steps, "step", lambda _: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                stream.step(steps[1])
        with pytest.raises(pl.BackendError, match="stream = 'interrupted'"):
            stream.step(steps[1])
        stream.reset()
        assert over(model, stream.step(steps[0])) == at(model, wanted, 0)
