"""The short way of the second call of a shape and the general way give the same bits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import SIZES, bits, compressed, session_of

import pynq_lstm as pl
from pynq_lstm.runtime import direct

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.SaturationWarning")  # not the subject

PATIENCE = 60.0
SHAPES = [(1, 1), (1, 5), (3, 4), (1,), (6,)]  # leading axes: batched and not
MODELS = [(name, width, "svd") for name in SIZES for width in (8, 16)]
MODELS += [("single", 8, "dense"), ("equal", 16, "dense")]
MODELS += [("equal", 8, "block_diagonal"), ("unequal", 16, "block_diagonal")]


@pytest.fixture(params=MODELS, ids=str)
def model(request):
    return compressed(*request.param)[0]


@lru_cache(None)
def expected(key, refinements):
    """Inputs of every shape for a model of `MODELS`, and the bits of the reference's answers."""
    model = compressed(*key)[0]
    with pl.load(model, "reference") as naive:
        inputs = [random_x(model, lead, seed) for lead in SHAPES for seed in range(3)]
        return [(x, bits(naive.infer(x, refinements=refinements))) for x in inputs]


def random_x(model, lead, seed=0):
    """x for `model` with these leading axes, a list over models where input sizes differ."""
    rng = np.random.default_rng(seed)
    x = [rng.standard_normal((*lead, size)).astype(np.float32) for size in model.input_sizes]
    if model.models == 1:
        return x[0]
    return np.stack(x) if len(set(model.input_sizes)) == 1 else x


@pytest.mark.parametrize("key", MODELS, ids=str)
def test_calls_of_every_shape(kernel, key):
    with session_of(compressed(*key)[0], kernel) as session:
        for refinements in (None, 1, 3):
            for x, wanted in expected(key, refinements):
                assert bits(session.infer(x, refinements=refinements)) == wanted


def test_a_state_passed_back_in(threads, model):
    with session_of(model, threads=threads) as session, pl.load(model, "reference") as naive:
        for lead in SHAPES:
            state = other = None
            for seed in range(3):
                x = random_x(model, lead, seed)
                out, state = session.infer(x, state)
                wanted, other = naive.infer(x, other)
                assert bits((out, state)) == bits((wanted, other))


def test_a_sequence_in_pieces_gives_the_bits_of_the_whole(model):
    x = random_x(model, (12,))
    with session_of(model) as session:
        wanted, end = session.infer(x)
        for _ in range(2):  # the general way first, then the short one
            state, found = None, []
            for begin in range(0, 12, 3):
                cut = (
                    [a[begin : begin + 3] for a in x] if model.models > 1 else x[begin : begin + 3]
                )
                cut = np.stack(cut) if isinstance(x, np.ndarray) and model.models > 1 else cut
                out, state = session.infer(cut, state)
                found.append(out)
            for j in range(model.models):
                parts = [out[j] if model.models > 1 else out for out in found]
                whole = wanted[j] if model.models > 1 else wanted
                assert bits(np.concatenate(parts)) == bits(whole)
            assert bits(state) == bits(end)


def test_lists_and_arrays_over_models_are_the_same():
    for name in ("single", "equal"):
        model, _ = compressed(name)
        with session_of(model) as session:
            for seed in range(3):
                x = random_x(model, (2, 3), seed)
                state = session.infer(x)[1]
                listed, sides = (
                    ([x], state) if name == "single" else (list(x), [list(s) for s in state])
                )
                wanted = bits(session.infer(x, state))
                for given in (listed, tuple(listed)):
                    assert bits(session.infer(given, state)) == wanted
                    assert bits(session.infer(given, sides)) == wanted
                assert bits(session.infer(x, sides)) == wanted


def test_returned_arrays_are_the_callers_own(model):
    with session_of(model) as session:
        x = random_x(model, (2, 5))
        for _ in range(4):
            out, (h, c) = session.infer(x)
            kept = bits((out, h, c))
            session.infer(random_x(model, (2, 5), 1), (h, c))
            session.infer(random_x(model, (2, 5), 2))
            assert bits((out, h, c)) == kept
            for array in (
                a for side in (out, h, c) for a in (side if type(side) is list else [side])
            ):
                assert array.flags.writeable
                array[...] = 7
            assert bits(session.infer(x)) == bits_of_fresh(model, x)


def bits_of_fresh(model, x):
    with session_of(model) as session:
        return bits(session.infer(x))


def test_arguments_are_left_unchanged(model):
    with session_of(model) as session:
        for _ in range(3):
            x = random_x(model, (2, 5))
            state = session.infer(x)[1]
            before = bits(x), bits(state)
            session.infer(x, state)
            assert (bits(x), bits(state)) == before


def test_more_shapes_than_are_kept():
    model, _ = compressed("single")
    times = range(1, direct.MOST_BOUND + 5)
    with session_of(model) as session, pl.load(model, "reference") as naive:
        wanted = {t: bits(naive.infer(random_x(model, (t,)))) for t in times}
        for _ in range(3):
            for t in (*times, *reversed(times)):
                assert bits(session.infer(random_x(model, (t,)))) == wanted[t]


def test_calls_from_many_threads_at_once(threads, model):
    inputs = [random_x(model, lead, seed) for lead in SHAPES for seed in range(2)]
    with session_of(model, threads=threads) as session, pl.load(model, "reference") as naive:
        wanted = [bits(naive.infer(x)) for x in inputs]
        start = threading.Barrier(4)

        def work(seed):
            order = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(inputs)), 8))
            start.wait(PATIENCE)
            return [k for k in order if bits(session.infer(inputs[k])) != wanted[k]]

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(work, range(4), timeout=PATIENCE)) == [[]] * 4
