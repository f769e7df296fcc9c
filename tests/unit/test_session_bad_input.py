"""Everything that a session cannot take is refused by a text that names value and remedy."""

import dataclasses
import re

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl

X = np.random.default_rng(0).standard_normal((2, 3, 6)).astype(np.float32)
STATE = (np.zeros((1, 2, 8), np.float32), np.zeros((1, 2, 8), np.float32))
ONE_STATE = (STATE[0][:, 0], STATE[1][:, 0])


def compressed(sizes, **options):
    net = random_network(np.random.default_rng(1), sizes)
    options = {"refinements": (3, 5), "solver": "greedy", **options}
    return net, pl.compress(net, input_range=(-4, 4), **options)


@pytest.fixture(scope="module")
def single():
    return compressed([(6, 8)])


@pytest.fixture(scope="module")
def pair():
    return compressed([(6, 8), (5, 7)])


def bad(array, value):
    array = array.copy()
    array.flat[1] = value
    return array


@pytest.mark.parametrize(
    "x, text",
    [
        (bad(X, np.nan), ": not finite; remove NaN and infinity from the input"),
        (X[0, 0], "x.shape = (6,): not what the model takes; pass (batch, time, 6) or (time, 6)"),
        (X[None], "x.shape = (1, 2, 3, 6): not what the model takes; pass (batch, time, 6)"),
        (X[..., :5], "x.shape = (2, 3, 5): not what the model takes; pass (batch, time, 6)"),
        (X[:, :0], "x.shape = (2, 0, 6): an empty sequence or batch; pass at least one step"),
        (X[:0], "x.shape = (0, 3, 6): an empty sequence or batch; pass at least one step"),
        (X[0, :0], "x.shape = (0, 6): an empty sequence or batch; pass at least one step"),
        (X.astype(np.float64), "x.dtype = 'float64': not float32; pass np.asarray(..., dtype="),
        (X.astype(np.float16), "x.dtype = 'float16': not float32"),
        (X.astype(np.int32), "x.dtype = 'int32': not float32"),
        (X.astype(">f4"), "x.dtype = '>f4': not float32"),
        (X.tolist(), "x.dtype = 'float64': not float32"),
        (None, "x.dtype = 'object': not float32"),
        ("x", "x.dtype = '<U1': not float32"),
    ],
)
def test_x(single, x, text):
    net, model = single
    with pl.load(model, "reference") as session:
        for infer in (net.infer, session.infer, lambda x: pl.infer(model, x)):
            with pytest.raises(pl.InputError, match=re.escape(text)):
                infer(x)
        assert session.last_run is None


@pytest.mark.parametrize("value", (np.nan, np.inf, -np.inf))
def test_error_carries_the_number_that_is_not_finite(single, value):
    for infer in (single[0].infer, pl.load(single[1], "reference").infer):
        with pytest.raises(
            pl.InputError, match=f"x = .*{value}.*: not finite; remove NaN"
        ) as caught:
            infer(bad(X, value))
        np.testing.assert_equal(caught.value.value, np.float32(value))


@pytest.mark.parametrize(
    "arguments, text",
    [
        ({"x": [X[0], X[1, :2]]}, "^x"),
        ({"x": X, "lengths": [[1], [1, 2]]}, "^lengths"),
        ({"x": X, "state": ([X[0], X[1, :2]], STATE[1])}, "^state h"),
    ],
)
def test_sequences_of_different_length_are_no_array(single, arguments, text):
    with pytest.raises(pl.InputError, match=text):
        pl.load(single[1], "reference").infer(**arguments)


@pytest.mark.parametrize(
    "x, text",
    [
        (X[0], "x = (3, 6): not one entry for each of 2 models; pass (models, batch, time, size)"),
        ([X], "x = 'list': not one entry for each of 2 models"),
        ([X, X], "x[1].shape = (2, 3, 6): not what the model takes; pass (batch, time, 5)"),
        ([X, X[:, :2, :5]], "x[1].shape = (2, 2, 5): batch or time differ from x[0]'s; bring it"),
        ([X, X[0, :, :5]], "x[1].shape = (3, 5): batch or time differ from x[0]'s; bring it to (2"),
        ([X, bad(X[..., :5], np.nan)], "x[1] = "),
    ],
)
def test_x_of_several_models(pair, x, text):
    net, model = pair
    with pl.load(model, "reference") as session:
        for infer in (net.infer, session.infer):
            with pytest.raises(pl.InputError, match=re.escape(text)):
                infer(x)


@pytest.mark.parametrize(
    "lengths, text",
    [
        ([3], "lengths = [3]: not 2 integers; pass one length for each sequence of the batch"),
        ([1, 2, 3], "lengths = [1, 2, 3]: not 2 integers"),
        (2, "lengths = 2: not 2 integers"),
        ([1.0, 2.0], "lengths = [1.0, 2.0]: not 2 integers"),
        ([True, True], "lengths = [True, True]: not 2 integers"),
        ([[1, 2]], "lengths = [[1, 2]]: not 2 integers"),
        ("ab", "lengths = 'ab': not 2 integers"),
        ([0, 3], "lengths = [0, 3]: outside 1 to 3; drop empty sequences and pad x to the longest"),
        ([1, 4], "lengths = [1, 4]: outside 1 to 3; drop empty sequences and pad x to the longest"),
        ([-1, 3], "lengths = [-1, 3]: outside 1 to 3"),
        (np.array([1, 2**63], np.uint64), "outside 1 to 3"),
    ],
)
def test_lengths(single, lengths, text):
    for infer in (single[0].infer, pl.load(single[1], "reference").infer):
        with pytest.raises(pl.InputError, match=re.escape(text)):
            infer(X, lengths=lengths)


@pytest.mark.parametrize(
    "x, state, text",
    [
        (X, STATE[0], "state = 'ndarray': not a pair; pass (h, c)"),
        (X, STATE + STATE, "state = 'tuple': not a pair; pass (h, c)"),
        (X, ONE_STATE, "state h.shape = (1, 8): does not fit x and the model; pass (1, 2, 8)"),
        (X[0], STATE, "state h.shape = (1, 2, 8): does not fit x and the model; pass (1, 8)"),
        (X, (STATE[0], STATE[1][:, :1]), "state c.shape = (1, 1, 8): does not fit x and the model"),
        (X, (STATE[0][..., :7],) * 2, "state h.shape = (1, 2, 7): does not fit x and the model"),
        (X, (STATE[0], STATE[1].astype(float)), "state c.dtype = 'float64': not float32"),
        (X, (STATE[0], bad(STATE[1], np.nan)), "not finite; pass None to start from zero"),
        (X, (bad(STATE[0], np.inf), STATE[1]), "not finite; pass None to start from zero"),
        (X, (None, None), "state h.dtype = 'object': not float32"),
    ],
)
def test_state(single, x, state, text):
    for infer in (single[0].infer, pl.load(single[1], "reference").infer):
        with pytest.raises(pl.InputError, match=re.escape(text)):
            infer(x, state=state)


def test_state_of_several_models(pair):
    x = random_inputs(np.random.default_rng(0), pair[0], 2, 3)
    session = pl.load(pair[1], "reference")
    h = [STATE[0], STATE[0][..., :7]]
    session.infer(x, state=(h, h))
    with pytest.raises(
        pl.InputError, match=r"state c = 'list': not one entry for each of 2 models"
    ):
        session.infer(x, state=(h, h[:1]))
    with pytest.raises(
        pl.InputError, match=r"state h\.shape = \(1, 2, 8\): does not fit x and the"
    ):
        session.infer(x, state=([STATE[0]] * 2, h))


@pytest.mark.parametrize("refinements", (0, -1, 2.0, True, "2", np.array([1, 2])))
def test_refinements(single, refinements):
    problem = "a prefix that this model does not serve; choose 1 or more"
    text = f"refinements = {refinements!r}: {problem}"
    for call in (pl.load(single[1], "reference").infer, lambda x, **k: pl.infer(single[1], x, **k)):
        with pytest.raises(pl.InputError, match=re.escape(text)):
            call(X, refinements=refinements)


def test_refinements_of_a_model_that_serves_some():
    model = dataclasses.replace(compressed([(6, 8)])[1], prefixes=(2, 5))
    session = pl.load(model, "reference")
    assert [session.infer(X, refinements=k)[0].any() for k in (2, 5, None)] == [True] * 3
    with pytest.raises(pl.InputError, match=r"refinements = 3: a prefix .*; choose from \[2, 5\]"):
        session.infer(X, refinements=3)
    with pytest.raises(pl.InputError, match=r"refinements = 6: a prefix .*; choose from \[2, 5\]"):
        session.infer(X, refinements=6)


def test_logits_without_a_head(single):
    session = pl.load(single[1], "reference")
    text = "head = None: this model has none; use infer, or compress a network with a head"
    with pytest.raises(pl.InputError, match=text):
        session.infer_logits(X)
