"""Arrays of an answer serve again only when the caller has none of them, and no view of one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from cpu_checks import compressed, session_of

from pynq_lstm.runtime.answers import MOST_BYTES, Answers

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.SaturationWarning")  # not the subject

WAYS_TO_HOLD = {
    "out": lambda out, h, c: out,
    "h": lambda out, h, c: h,
    "c": lambda out, h, c: c,
    "a view of out": lambda out, h, c: out[..., 1:],
    "an element's view of c": lambda out, h, c: c[..., 0],
    "a buffer of out": lambda out, h, c: memoryview(out),
    "a state": lambda out, h, c: (h, c),
}


@pytest.fixture(scope="module")
def session():
    with session_of(compressed("equal", 8, "svd")[0]) as opened:
        yield opened


def inputs(session, count, steps=5):
    rng = np.random.default_rng(count)
    shape = (count, session.model.models, 1, steps, session.model.input_sizes[0])
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("hold", WAYS_TO_HOLD.values(), ids=WAYS_TO_HOLD)
def test_what_the_caller_holds_does_not_change(session, hold):
    held = []
    for x in inputs(session, 12):
        out, (h, c) = session.infer(x)
        held.append((hold(out, h, c), hold(out.copy(), h.copy(), c.copy())))
        del out, h, c
    for kept, copy in held:
        if isinstance(kept, tuple):
            assert all(np.array_equal(a, b) for a, b in zip(kept, copy))
        else:
            assert np.array_equal(np.asarray(kept), np.asarray(copy))


def test_what_h_is_a_view_of_does_not_change(session):
    held = []
    for x in inputs(session, 6):
        _, (h, _) = session.infer(x)
        held.append((h.base, h.base.copy()))
        del h
    assert all(np.array_equal(base, copy) for base, copy in held)


def test_what_the_caller_dropped_serves_again(session):
    addresses = set()
    for x in inputs(session, 12):
        out, (h, c) = session.infer(x)
        addresses.add((out.ctypes.data, h.ctypes.data))
        del out, h, c
    assert len(addresses) <= 3  # the first call's are not kept


def test_a_state_that_goes_round_serves_again(session):
    state, addresses = None, set()
    for x in inputs(session, 20, steps=1):
        state = session.infer(x, state)[1]
        addresses.add(state[0].ctypes.data)
    assert len(addresses) <= 5


def test_a_stream_keeps_what_was_given():
    with session_of(compressed("single", 8, "svd")[0]) as session, session.stream() as stream:
        steps = inputs(session, 20, steps=1)[:, 0, 0, 0]
        given = [stream.step(x) for x in steps]
        copies = [out.copy() for out in given]
        for x in steps:
            stream.step(x)
        assert all(np.array_equal(a, b) for a, b in zip(given, copies))


def test_threads_get_answers_of_their_own(session):
    many = inputs(session, 8)
    wanted = [session.infer(x)[0].copy() for x in many]

    def work(k):
        x, right = many[k], wanted[k]
        return all(np.array_equal(session.infer(x)[0], right) for _ in range(200))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(len(many))))


def test_large_answers_are_not_kept():
    answers = Answers((MOST_BYTES,), (1,), id)
    answer = answers.take()
    answers.give(answer)
    assert answers.take()[0] is not answer[0]
