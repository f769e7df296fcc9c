"""Threads: the rows of one column divided, calls of many threads, one pool for all sessions."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from time import monotonic, sleep

import numpy as np
import pytest
from cpu_checks import (
    DRAWN,
    assert_equal,
    bits,
    compressed,
    full_part,
    opened,
    session_of,
    with_expected,
)
from random_block_models import sized_block_model
from random_dense_models import sized_dense_model
from random_models import random_input, sized_model

from pynq_lstm.model import CompressedModel
from pynq_lstm.runtime.cpu import binding

PATIENCE = 60.0  # seconds for another thread to come where it is waited for


@lru_cache(None)
def one_column(seed):
    """One sequence, of one model or of models that differ in size."""
    rng = np.random.default_rng(200_000 + seed)
    model = DRAWN[seed % 3](rng, max_size=100)
    return with_expected(model, random_input(rng, model, max_batch=1, max_time=5))


@pytest.mark.parametrize("shares", [2, 3, 4, 7])
def test_rows_of_a_single_column_are_divided(kernel, shares, monkeypatch):
    monkeypatch.setattr(binding, "_ROWS_BYTES", 0)
    divided = 0
    for seed in range(24):
        model, arguments, expected = one_column(seed)
        cpu = opened(model, kernel, shares)
        assert_equal(cpu.run(*arguments), expected)
        bound = cpu.bind(1, arguments[0][0].shape[1], arguments[-1])
        by_rows = [bound.call.batch[k].by_rows for k in range(bound.call.groups)]
        assert bound.threads == (shares if any(by_rows) else min(shares, model.models))
        divided += any(by_rows)
    assert divided > 12, "hardly any case divides rows"


def large(rng):
    """A model of each method, without an absent tile, of over 192 KiB of weights a step."""
    yield sized_block_model(rng, (90,), (420,), ranks=(2, 2), activation_bits=8)
    yield sized_dense_model(rng, (200,), (300,), activation_bits=8)
    u, v = (rng.integers(-127, 128, shape).astype(np.int8) for shape in ((150, 320), (150, 4, 320)))
    parts = full_part(u[:, :70], v), full_part(u, v)
    bias = (rng.integers(-(1 << 18), 1 << 18, 4 * 320).astype(np.int32),)
    yield CompressedModel((70,), (320,), 8, 8, 8, (1.0,), (11,), (10,), *parts, bias)


def test_a_large_column_is_divided_by_itself(kernel):
    """Weights that make up for the meetings of the threads, without any constant changed."""
    rng = np.random.default_rng(210_000)
    for model in large(rng):
        x, h, c, _, refinements = random_input(rng, model, max_batch=1)
        time = x[0].shape[1]
        cpu = opened(model, kernel, 2)
        assert cpu.bind(1, time, model.max_refinements).call.batch[0].by_rows == 1
        case = with_expected(model, (x, h, c, np.array([time]), model.max_refinements))
        assert_equal(cpu.run(*case[1]), case[2])


@pytest.mark.parametrize("shares", [2, 3, 5])
def test_columns_are_divided_whatever_their_number(kernel, shares):
    rng = np.random.default_rng(220_000)
    for batch in range(1, 8):
        model = sized_model(rng, (20, 20, 9), (24, 24, 40))
        x, h, c, _, refinements = random_input(rng, model, max_batch=1, max_time=3)
        x, h, c = ([np.repeat(a, batch, axis=0) for a in side] for side in (x, h, c))
        lengths = rng.integers(1, x[0].shape[1] + 1, batch)
        model, arguments, expected = with_expected(model, (x, h, c, lengths, refinements))
        assert_equal(opened(model, kernel, shares).run(*arguments), expected)


def test_calls_of_several_threads_do_not_meet(kernel, threads):
    rng = np.random.default_rng(90_000)
    model = sized_model(rng, (130,), (100,))
    arguments = [random_input(rng, model, max_time=20) for _ in range(8)]
    cases = [with_expected(model, a) for a in arguments] * 10
    cpu = opened(model, kernel, threads)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda case: cpu.run(*case[1]), cases, timeout=PATIENCE))
    for result, (_, _, wanted) in zip(results, cases, strict=True):
        assert_equal(result, wanted)


def test_counts_are_those_of_the_call(kernel):
    """Though another one of the same shape ends before they are looked at."""
    rng = np.random.default_rng(95_000)
    model = sized_dense_model(rng, (13,), (10,))
    part = replace(model.input, s_shift=(model.input.s_shift[0] - 4,))
    model = replace(model, input=part)
    one = np.ones(1, np.int64)
    cases = [
        with_expected(model, (*random_input(rng, model, max_batch=1, max_time=1)[:3], one, 1))
        for _ in range(8)
    ]
    assert len({case[2].saturated["p"] for case in cases}) > 3
    cpu = opened(model, kernel)
    run = cpu.run_bound

    def slowly(*arguments):
        told = run(*arguments)
        sleep(2e-3)
        return told

    cpu.run_bound = slowly
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda case: cpu.run(*case[1]), cases * 3, timeout=PATIENCE))
    for result, (_, _, wanted) in zip(results, cases * 3, strict=True):
        assert_equal(result, wanted)


@pytest.mark.parametrize("rows_bytes", [0, 1 << 30])
def test_two_sessions_at_once_share_the_pool(kernel, rows_bytes, monkeypatch):
    """Whichever finds it taken runs alone, with the same bits."""
    monkeypatch.setattr(binding, "_ROWS_BYTES", rows_bytes)
    cases = [one_column(seed) for seed in (0, 1, 2, 3)]
    backends = [opened(model, kernel, threads) for (model, *_), threads in zip(cases, (2, 3, 2, 4))]
    failures = []

    def work(cpu, case):
        try:
            for _ in range(40):
                assert_equal(cpu.run(*case[1]), case[2])
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=both) for both in zip(backends, cases)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    assert not failures and not any(worker.is_alive() for worker in workers)


@pytest.mark.parametrize("warm", [False, True])
def test_a_call_while_another_of_the_session_runs(warm):
    model, x = compressed("single")
    long = np.repeat(x[:1], 4_000, axis=1)
    with session_of(model) as session:
        wanted_long, wanted = bits(session.infer(long)), bits(session.infer(x))
        if not warm:
            session.close()
            session = session_of(model)
        busy, found, overlapped = session._calls.backend._busy, [], False
        begin = monotonic()
        for _ in range(20):
            worker = threading.Thread(target=lambda: found.append(session.infer(long)))
            worker.start()
            while not busy[0] and worker.is_alive():
                sleep(0)
            overlapped |= bool(busy[0])
            assert bits(session.infer(x)) == wanted
            worker.join(PATIENCE)
            assert monotonic() < begin + PATIENCE
        assert overlapped, "no call ever came while the other ran"
        assert len(found) == 20 and all(bits(answer) == wanted_long for answer in found)
        session.close()
