"""What the short way cannot take goes the general way: the same bits or the same words."""

from contextlib import contextmanager

import numpy as np
import pytest
from cpu_checks import bits, compressed, session_of

import pynq_lstm as pl

X = np.random.default_rng(1).uniform(-1, 1, (2, 3, 6)).astype(np.float32)


class Own(np.ndarray):
    """A subclass, which may do anything when it is indexed or compared."""


@contextmanager
def warmed(kernel=None):
    """A session that has gone the short way for X, with a state and without; and that state."""
    model, _ = compressed("single")
    with session_of(model, kernel) as session:
        state = session.infer(X)[1]
        for _ in range(2):
            session.infer(X, state)
            session.infer(X)
        yield session, state


@pytest.fixture
def warm():
    """That of the best kernel."""
    with warmed() as pair:
        yield pair


def outcome(call):
    """Bits, or type and words of the error."""
    try:
        return bits(call())
    except pl.PynqLstmError as error:
        return type(error), str(error)


def agree(warm, *arguments, **options):
    """The warm session and the reference do the same with the arguments; which is returned."""
    with pl.load(compressed("single")[0], "reference") as naive:
        wanted = outcome(lambda: naive.infer(*arguments, **options))
    assert outcome(lambda: warm.infer(*arguments, **options)) == wanted
    return wanted


def strided(array):
    """The same numbers with gaps between them."""
    gaps = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    gaps[..., ::2] = array
    return gaps[..., ::2]


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def unaligned(array):
    raw = bytearray(1) + array.tobytes()
    return np.frombuffer(raw, np.float32, array.size, 1).reshape(array.shape)


LAYOUTS = {
    "strided": strided,
    "Fortran": np.asfortranarray,
    "reversed": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "read only": read_only,
    "broadcast": lambda a: np.broadcast_to(a[..., :1], a.shape),
    "subclass": lambda a: a.view(Own),
    "unaligned": unaligned,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_layout(kernel, layout):
    change = LAYOUTS[layout]
    with warmed(kernel) as (session, (h, c)):
        for x, state in ((X, (change(h), c)), (X, (h, change(c))), (change(X), (h, c))):
            assert agree(session, x, state)[0] is tuple, "refused"
        assert agree(session, change(X))[0] is tuple, "refused"


@pytest.mark.parametrize("dtype", ["f8", "f2", "i4", ">f4", "c8", "O", "?"])
def test_dtypes_that_are_refused(warm, dtype):
    session, (h, c) = warm
    for arguments in ((X.astype(dtype),), (X, (h.astype(dtype), c)), (X, (h, c.astype(dtype)))):
        assert agree(session, *arguments)[0] is pl.InputError


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_at_every_place(kernel, value):
    with warmed(kernel) as (session, state):
        wanted = bits(session.infer(X, state))
        for which, array in enumerate((X, *state)):
            for place in range(array.size):
                arrays = [X, *state]
                arrays[which] = array.copy()
                arrays[which].flat[place] = value
                assert agree(session, arrays[0], tuple(arrays[1:]))[0] is pl.InputError
                if which == 0:
                    assert agree(session, arrays[0])[0] is pl.InputError
        assert bits(session.infer(X, state)) == wanted


@pytest.mark.parametrize("refinements", [None, 1, 2, 5, 10**6, np.int64(2), np.uint8(5)])
def test_prefixes(warm, refinements):
    session, state = warm
    for _ in range(3):
        assert agree(session, X, state, refinements=refinements)[0] is tuple


@pytest.mark.parametrize("refinements", [0, -1, True, False, 1.0, np.float64(1), "1", [1]])
def test_prefixes_that_are_refused(warm, refinements):
    session, state = warm
    session.infer(X, refinements=1)
    session.infer(X, refinements=1)
    for arguments in ((X,), (X, state)):
        assert agree(session, *arguments, refinements=refinements)[0] is pl.InputError


def test_lengths(warm):
    session, state = warm
    for lengths in ([3, 3], [1, 3], np.array([2, 1]), np.array([3, 1], np.uint8)):
        assert agree(session, X, state, lengths=lengths)[0] is tuple
    for lengths in ([0, 3], [1, 4], [3], [1.0, 2.0], True):
        assert agree(session, X, state, lengths=lengths)[0] is pl.InputError


@pytest.mark.parametrize(
    "change",
    [
        lambda h, c: h,
        lambda h, c: (h,),
        lambda h, c: (h, c, c),
        lambda h, c: np.stack([h, c]),
        lambda h, c: iter([h, c]),
        lambda h, c: {0: h, 1: c},
        lambda h, c: "hc",
        lambda h, c: (None, c),
        lambda h, c: (h[0], c[0]),
        lambda h, c: (h, c[:, :1]),
        lambda h, c: (h[..., :7], c),
        lambda h, c: 0,
    ],
    ids=range(12),
)
def test_states_that_are_refused(warm, change):
    session, (h, c) = warm
    assert agree(session, X, change(h, c))[0] is pl.InputError


@pytest.mark.parametrize("change", [list, lambda s: (s[0].tolist(), s[1]), tuple], ids=range(3))
def test_other_pairs(warm, change):
    session, state = warm
    agree(session, X, change(state))


@pytest.mark.parametrize(
    "x",
    [None, "x", X[..., :5], X[0, 0], X[None], X[:0], X[:, :0], X.tolist(), [X, X]],
    ids=range(9),
)
def test_inputs_that_are_refused(warm, x):
    assert agree(warm[0], x)[0] is pl.InputError


def test_shapes_that_hold_as_many_numbers(warm):
    session, _ = warm
    for shape in ((1, 6, 6), (6, 1, 6), (6, 6), (3, 2, 6)):
        for _ in range(3):
            agree(session, X.reshape(shape))


def test_a_closed_session(warm):
    session, state = warm
    session.close()
    session.close()
    for arguments in ((X,), (X, state)):
        with pytest.raises(pl.BackendError, match="session = 'closed': it runs no more; open"):
            session.infer(*arguments)
    assert session.last_run.backend == "cpu"
