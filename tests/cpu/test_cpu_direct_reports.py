"""What is said of a call is the same, whichever way it went: reports, warnings, once each."""

import threading
import warnings
from dataclasses import asdict

import numpy as np
import pytest
from cpu_checks import bits, compressed, session_of

import pynq_lstm as pl

TOLD_OF = {"x": 40.0, "state": 1e4, "none": 1.0}


def same(report, expected):
    """Every field but the seconds, of which only the stages."""
    found, wanted = asdict(report), asdict(expected)
    assert found.pop("seconds").keys() == wanted.pop("seconds").keys() == {"run"}
    assert found == wanted
    assert 0 < report.seconds["run"] == report.total_seconds < 10


def inputs(kind, seed=0):
    """x and a state of which those of a kind leave their range."""
    model, x = compressed("single")
    rng = np.random.default_rng(seed)
    x = np.array(x)
    x[0, seed] *= TOLD_OF["x"] if kind == "x" else 1
    h, c = (rng.uniform(-0.5, 0.5, (1, 2, 8)).astype(np.float32) for _ in range(2))
    c[0, 1, seed] *= TOLD_OF["state"] if kind == "state" else 1
    return model, x, (h, c)


@pytest.mark.parametrize("kind", TOLD_OF)
def test_a_report_made_when_asked_for_equals_the_one_of_the_general_way(kernel, kind):
    threads = 2
    with session_of(inputs(kind)[0], kernel, threads) as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(3):
            model, x, state = inputs(kind, seed)
            for refinements in (None, 2):
                with session_of(model, kernel, threads) as fresh:
                    fresh.infer(x, state, refinements=refinements)
                    expected = fresh.last_run
                session.infer(x, state, refinements=refinements)
                report = session.last_run
                same(report, expected)
                assert session.last_run is report
                with pl.load(model, "reference") as naive:
                    naive.infer(x, state, refinements=refinements)
                    assert report.saturated == naive.last_run.saturated
                    assert report.values == naive.last_run.values
                assert (report.kernel, report.threads) == (kernel, threads)
                assert (report.saturated.get(kind, 0) > 0) == (kind != "none")


@pytest.mark.parametrize("kind", ["x", "state"])
@pytest.mark.parametrize("call", [1, 2, 5])
def test_saturation_is_warned_of_in_any_call_and_once(kernel, kind, call):
    model, x, state = inputs(kind)
    mild = inputs("none")[1:]
    with session_of(model, kernel) as session:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(call - 1):
                session.infer(*mild)
        with pytest.warns(pl.SaturationWarning, match=f"% of {kind} left its range") as caught:
            out = session.infer(x, state)
        assert len(caught) == 1 and caught[0].filename == __file__
        assert session.last_run.saturated[kind]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(3):
                assert bits(session.infer(x, state)) == bits(out)
                assert session.last_run.saturated[kind]
            session.infer(*mild)
        assert session.last_run.saturated[kind] == 0


def test_each_kind_is_warned_of(kernel):
    model, x, state = inputs("x")
    wild = inputs("state")[2]
    with session_of(model, kernel) as session:
        for _ in range(3):
            session.infer(*inputs("none")[1:])
        with pytest.warns(pl.SaturationWarning, match="% of x left"):
            session.infer(x, state)
        with pytest.warns(pl.SaturationWarning, match="^[0-9.]+% of state left"):
            session.infer(x, wild)


def test_a_call_that_saturates_runs_once(kernel, monkeypatch):
    """The short way's answer is the answer: it is not computed again to be reported."""
    model, x, state = inputs("x")
    with session_of(model, kernel) as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.infer(x, state)
        wanted = bits(session.infer(x, state))
        for way in ("run", "prepare"):
            monkeypatch.setattr(session._calls, way, None)
        assert bits(session.infer(x, state)) == wanted


@pytest.mark.parametrize("which", ["x", "h", "c"])
def test_a_refused_call_leaves_the_last_report(kernel, which):
    model, x, (h, c) = inputs("none")
    bad = {"x": x.copy(), "h": h.copy(), "c": c.copy()}
    bad["x"][0] = 1e3
    bad[which].flat[1] = np.nan
    with session_of(model, kernel) as session:
        for _ in range(3):
            session.infer(x, (h, c))
        expected = session.last_run
        session.infer(x, (h, c))
        with pytest.raises(pl.InputError, match="not finite"):
            session.infer(bad["x"], (bad["h"], bad["c"]))
        same(session.last_run, expected)


def test_a_report_is_that_of_its_call(monkeypatch):
    """Though another thread's call of the shape, by the short way, ends before it is made."""
    model, x, state = inputs("none")
    wild = inputs("x")[1]
    with session_of(model) as session, warnings.catch_warnings():
        warnings.simplefilter("error")
        session.infer(x, state)
        backend, reports = session._calls.backend, []
        infer, note = backend.infer, session._calls.note

        def disturbed(*arguments):
            ran = infer(*arguments)
            other = threading.Thread(
                target=session._calls._short_ways[x.shape, None], args=(wild, None)
            )
            other.start()
            other.join(60)
            return ran

        monkeypatch.setattr(session._calls, "_warned", {"x"})  # nobody hears the other thread
        monkeypatch.setattr(backend, "infer", disturbed)
        monkeypatch.setattr(session._calls, "note", lambda r: reports.append(r) or note(r))
        session.infer(x, list(state))  # the general way
        assert [report.saturated["x"] > 0 for report in reports] == [True, False]


def test_a_report_stays_what_it_was(kernel):
    model, x, state = inputs("none")
    wild = inputs("x")[1]
    with session_of(model, kernel) as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.infer(x, state)
        session.infer(x, state)
        report = session.last_run
        kept = report.to_dict()
        session.infer(wild, state)
        assert session.last_run.saturated["x"] and report.to_dict() == kept
    assert session.last_run.saturated["x"]


def test_every_way_to_use_a_session_is_reported(kernel, threads):
    model, x, _ = inputs("none")
    with session_of(model, kernel, threads) as session:
        assert session.last_run is None
        uses = (
            lambda: session.infer(x),
            lambda: session.infer(x, lengths=[3, 12]),
            lambda: list(session.infer_many([x, x])),
            lambda: session.benchmark(x, calls=2),
            lambda: session.stream().step(x[0, 0]),
        )
        steps = (24, 15, 24, 24, 1)
        for use, valid in zip(uses, steps):
            use()
            report = session.last_run
            assert report.values["c"] == 8 * valid and list(report.seconds) == ["run"]
            assert report.kernel == kernel
            assert report.threads == (threads if valid > 1 else 1)
