"""Batches by workers: what they answered is kept at once, and what became of them is told."""

import json
import operator
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from example_matrices import random_network

from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import work
from pynq_lstm.exploration.store import Store
from pynq_lstm.exploration.work import Work
from pynq_lstm.importers import state_dict

ROOT = Path(__file__).resolve().parents[2]


class Given(Executor):
    """Takes jobs and hands out futures that are given."""

    def __init__(self, *futures):
        self.futures = list(futures)

    def submit(self, *arguments, **named):
        return self.futures.pop(0)


def answered(value=None, error=None):
    future = Future()
    future.set_running_or_notify_cancel()
    future.set_result(value) if error is None else future.set_exception(error)
    return future


def ask(store, executor, count=2):
    jobs = [(f"job {n}", (n,)) for n in range(count)]
    return list(Work(10, store, executor).answers(operator.add, jobs))


def test_what_is_answered_behind_a_slow_one_is_kept(tmp_path, monkeypatch):
    """In the file, whether the batch goes on, ends by an error or is interrupted."""
    monkeypatch.setattr(work, "ANSWER_SECONDS", 0.05)
    with Store(tmp_path / "kept", "x") as store, pytest.raises(CompressionError, match="0.05 sec"):
        ask(store, Given(Future(), answered(11)))
    with Store(tmp_path / "kept", "x") as store:
        assert (store.get("job 0"), store.get("job 1")) == (None, 11)
    broken = Given(answered(error=ValueError("its own")), answered(11), answered(12))
    with Store(None, "x") as store:
        with pytest.raises(ValueError, match="its own"):
            ask(store, broken, 3)
        assert (store.get("job 1"), store.get("job 2")) == (11, 12)


def test_what_is_answered_during_an_interruption_is_kept(monkeypatch):
    slow, late = Future(), Future()
    for one in (slow, late):
        one.set_running_or_notify_cancel()  # a worker has it: it cannot be cancelled

    def interrupted(*_):
        late.set_result(11)
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "wait", interrupted)
    with Store(None, "x") as store:
        with pytest.raises(KeyboardInterrupt):
            ask(store, Given(slow, late))
        assert (store.get("job 0"), store.get("job 1")) == (None, 11)


def test_answers_come_in_their_order():
    first = Future()
    first.set_running_or_notify_cancel()
    with Store(None, "x") as store:
        jobs = Work(10, store, Given(first, answered(11))).answers(
            operator.add, [("a", (0,)), ("b", (1,))]
        )
        with ThreadPoolExecutor(1) as later:
            later.submit(lambda: time.sleep(0.05) or first.set_result(10))
            assert list(jobs) == [10, 11]
        assert ask(store, None) == [10, 11]  # in this process


def test_a_job_that_was_cancelled_is_told():
    """Also before it began, when nobody is woken up: so does a pool that is shut down."""
    for notified in (False, True):
        future = Future()
        future.cancel()
        if notified:
            future.set_running_or_notify_cancel()
        with (
            Store(None, "x") as store,
            pytest.raises(CompressionError, match="executor = 'Given': a job was cancelled"),
        ):
            ask(store, Given(future), 1)


COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts the tests may ignore it
from pynq_lstm.cli.main import main
sys.exit(main())
"""


def test_an_interrupted_process_goes_on(tmp_path):
    """By a signal, with workers: what was answered is in the file, and is not evaluated again."""
    rng = np.random.default_rng(0)
    state_dict.save(random_network(rng, [(9, 16), (9, 16)]), tmp_path / "network.safetensors")
    given = [sys.executable, "-c", COMMAND, "explore", str(tmp_path / "network.safetensors")]
    given += ["--max-mse", "0.01", "--input-range", "-1", "1", "--engines", "svdn", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def command(name, *more):
        return [*given, "-o", str(tmp_path / name), "--tries", "2", *more]

    def run(name, *more):
        done = subprocess.run(
            command(name, *more), env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return {k: v for k, v in json.loads(done.stdout).items() if k != "output"}

    kept = tmp_path / "kept.jsonl"
    more = "--workers", "2", "--store", str(kept)
    process = subprocess.Popen(
        command("broken", *more), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        if kept.exists() and kept.read_bytes().count(b"\n") > 3:
            process.send_signal(signal.SIGINT)
            break
        time.sleep(0.002)
    process.communicate(timeout=120)
    assert process.returncode != 0 and not (tmp_path / "broken").exists()
    first = kept.read_bytes()
    assert first.endswith(b"\n")
    again = run("again", *more)
    assert kept.read_bytes().startswith(first) and len(kept.read_bytes()) > len(first)
    keys = [json.loads(line).get("key") for line in kept.read_bytes().splitlines()]
    assert len(set(keys)) == len(keys)
    assert again == run("whole")
