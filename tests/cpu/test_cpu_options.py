"""`threads` and `kernel`: what is taken, what is refused and how, and where they show."""

import os
import re
import sys

import numpy as np
import pytest
from cpu_checks import bits, compressed

import pynq_lstm as pl
from pynq_lstm.runtime.cpu import library

MODULE = "pynq_lstm.runtime.cpu._kernel"


@pytest.fixture
def processors(monkeypatch):
    """A machine on which this process may use three processors, and no board."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5})
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)


@pytest.mark.parametrize("number", [0, -1, 4, 10**9, True, False, 1.0, 1.5, "2", None, [2]])
@pytest.mark.parametrize("backend", ["cpu", "auto"])
def test_threads_that_are_refused(processors, backend, number):
    text = (
        f"threads = {number!r}: not a number of threads for this machine; "
        "choose 1 to 3, the processors that this process may use"
    )
    with pytest.raises(pl.InputError, match=re.escape(text)):
        pl.load(compressed("single")[0], backend, threads=number)


@pytest.mark.parametrize("number", [1, 2, 3, np.int64(2), np.uint8(3)])
def test_threads_that_are_taken(processors, number):
    model, x = compressed("equal")
    with pl.load(model, "reference") as naive:
        wanted = bits(naive.infer(x))
    for backend in ("cpu", "auto"):
        with pl.load(model, backend, threads=number) as session:
            for _ in range(2):
                assert bits(session.infer(x)) == wanted
                report = session.last_run
                assert (report.backend, report.threads) == ("cpu", number)
                assert type(report.to_dict()["threads"]) is int


def test_no_more_threads_than_there_is_work(processors):
    model, x = compressed("equal")
    with pl.load(model, "cpu", threads=3) as session:
        session.infer([a[:1] for a in x])
        assert session.last_run.threads == 2  # columns
        session.stream().step([a[0, 0] for a in x])
        assert session.last_run.threads == 1


def test_one_thread_by_default():
    model, x = compressed("equal")
    with pl.load(model, "cpu") as session:
        session.infer(x)
        assert session.last_run.threads == 1


def test_where_the_system_does_not_say_which_processors_may_be_used(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert library.processors() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert library.processors() == 1


def test_a_machine_of_more_processors_than_are_served(monkeypatch):
    most = library.load().lib.LSTM_MOST_THREADS
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(10 * most)))
    assert library.checked_threads(most) == most
    with pytest.raises(pl.InputError, match=f"choose 1 to {most}, "):
        library.checked_threads(most + 1)


def test_a_kernel_by_name(kernel):
    model, x = compressed("single")
    with pl.load(model, "cpu", kernel=kernel) as session:
        for _ in range(3):
            session.infer(x)
            assert session.last_run.kernel == kernel
        assert session.last_run.to_dict()["kernel"] == kernel


@pytest.mark.parametrize("name", ["nonsense", "", "AVX2", 3, ["avx2"], b"avx2"])
@pytest.mark.parametrize("backend", ["cpu", "auto"])
def test_kernels_that_are_refused(backend, name):
    text = (
        f"kernel = {name!r}: not one of those that run on this processor; "
        f"choose from {list(library.kernels())}, or leave it out for the best"
    )
    with pytest.raises(pl.InputError, match=re.escape(text)):
        pl.load(compressed("single")[0], backend, kernel=name)


def test_the_first_kernel_is_the_best_and_plain_c_the_last():
    names = list(library.kernels())
    assert names[-1] == "portable" and len(set(names)) == len(names)
    model, x = compressed("single")
    with pl.load(model, "cpu") as session:
        session.infer(x)
        assert session.last_run.kernel == names[0]


def test_a_processor_that_lacks_instructions_takes_the_next_kernel(monkeypatch):
    model, x = compressed("single")
    found = library.kernels()
    with pl.load(model, "reference") as naive:
        wanted = bits(naive.infer(x))
    missing = []
    monkeypatch.setattr(library, "kernels", lambda: dict(left))
    while left := [pair for pair in found.items() if pair[0] not in missing]:
        for name in missing:
            with pytest.raises(pl.InputError, match=f"kernel = '{name}': not one of those"):
                pl.load(model, "cpu", kernel=name)
        with pl.load(model) as session:
            assert bits(session.infer(x)) == wanted
            assert session.last_run.kernel == left[0][0]
        missing.append(left[0][0])
    assert missing == list(found)


def test_a_device_has_neither():
    for options in ({"threads": 2}, {"kernel": "avx2"}):
        name = next(iter(options))
        text = rf"{name} = .*: not an option of the back end 'reference'; .* the back end 'cpu'"
        with pytest.raises(pl.InputError, match=text):
            pl.load(compressed("single")[0], "reference", **options)


def test_kernels_that_are_not_built(monkeypatch):
    model, x = compressed("single")
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    monkeypatch.setitem(sys.modules, MODULE, None)
    with pytest.raises(pl.BackendError, match=r"not built .*; run: python .*build\.py"):
        pl.load(model, "cpu")
    with pytest.warns(pl.BackendFallbackWarning, match="the slow reference runs instead") as caught:
        session = pl.load(model)
    assert session.backend == "reference" and caught[0].filename == __file__
    session.infer(x)
    assert (session.last_run.kernel, session.last_run.threads) == (None, None)
