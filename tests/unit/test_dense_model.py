"""Dense models: valid, immutable, bounded, counted; anything else is refused by name."""

import copy
import itertools
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from model_files import assert_same
from random_dense_models import random_dense_model, sized_dense_model
from random_models import sized_model

import pynq_lstm as pl
from pynq_lstm import model_size, overflow
from pynq_lstm.model import DensePart
from pynq_lstm.runtime.report import value_counts

INT32_MAX = 2**31 - 1
SIZES = (5, 3), (4, 2)


@pytest.fixture
def model():
    bits = {"activation_bits": 8, "weight_bits": 8, "p_bits": 16}
    return sized_dense_model(np.random.default_rng(7), *SIZES, **bits)


def test_method_and_prefixes(model):
    assert (model.method, model.max_refinements) == ("dense", 1)
    assert sized_model(np.random.default_rng(0), *SIZES).method == "svd"
    assert [model.served(k) for k in (None, 1, 2, 99)] == [1] * 4
    with pytest.raises(pl.InputError, match="refinements = 0: a prefix that this model does not"):
        model.served(0)


def test_immutable(model):
    with pytest.raises(FrozenInstanceError):
        model.input.w = ()
    for array in (model.input.w[0], model.hidden.s[1]):
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 1


def test_does_not_keep_the_callers_arrays(model):
    w, s = ([a.copy() for a in arrays] for arrays in (model.input.w, model.input.s))
    part = DensePart(w, s, [np.int64(v) for v in model.input.s_shift])
    for array in w + s:
        array[:] = 0
    assert_same(part, model.input)


def test_pickle_and_copy(model):
    assert_same(pickle.loads(pickle.dumps(model)), model)
    assert_same(copy.deepcopy(model), model)


def test_refused_by_name(model):
    part = model.input
    w, s = part.w, part.s
    for changes, text in (
        ({"w": w[:1]}, r"len\(input\.w\) = 1: not 2, one for each model; compress the network"),
        ({"w": np.zeros((2, 3))}, r"input\.w = 'ndarray': not a tuple of arrays"),
        ({"s": None}, r"input\.s = 'NoneType': not a tuple of arrays; compress"),
        ({"w": (w[1], w[0])}, r"input\.w\[0\]\.shape = \(8, 3\): not \(16, 5\)"),
        ({"w": (w[0], None)}, r"input\.w\[1\] = None: not an array"),
        ({"w": (w[0].astype(np.int16), w[1])}, r"input\.w\[0\]\.dtype = 'int16': not int8"),
        ({"s": (s[0], s[1][:-1])}, r"input\.s\[1\]\.shape = \(7,\): not \(8,\)"),
        ({"s": (s[0].astype(int), s[1])}, r"input\.s\[0\]\.dtype = 'int64': not int16"),
        ({"s_shift": (0, 48)}, r"input\.s_shift\[1\] = 48: outside 0 to 47"),
        ({"s_shift": (0,)}, r"input\.s_shift = \(0,\): 1 entries, not 2"),
        ({"s_shift": 3}, r"input\.s_shift = 3: not a list of integers"),
        ({"w": (w[0], np.full_like(w[1], -128))}, r"input\.w\[1\] = 128: codes beyond \+-127"),
    ):
        with pytest.raises(pl.ModelFormatError, match=text):
            replace(model, input=replace(part, **changes))
    codes = replace(part, w=(np.full_like(w[0], 8), w[1]))
    with pytest.raises(pl.ModelFormatError, match=r"input\.w\[0\] = 8: codes beyond \+-7"):
        replace(model, input=codes, weight_bits=4)


def test_parts_of_two_kinds_and_of_none(model):
    other = sized_model(np.random.default_rng(1), *SIZES, weight_bits=8)
    for changes, text in (
        ({"hidden": other.hidden}, "hidden = 'Part': not a DensePart, as input is; compress"),
        ({"input": other.input}, "hidden = 'DensePart': not a Part, as input is; compress"),
        ({"input": None}, r"input = 'NoneType': not one of \['Part', 'DensePart', 'Block"),
    ):
        with pytest.raises(pl.ModelFormatError, match=text):
            replace(model, **changes)


@pytest.mark.parametrize("seed", range(10))
def test_dot_bound_is_the_worst_of_all_corners(seed):
    model = random_dense_model(np.random.default_rng(seed), max_size=8)
    a = 1 << (model.activation_bits - 1)
    for part in (model.input, model.hidden):
        worst = 0
        for w in part.w:
            corners = np.array(list(itertools.product((-a, a - 1), repeat=w.shape[1])), np.int64)
            worst = max(worst, int(np.abs(corners @ w.T.astype(np.int64)).max()))
        bound = overflow.dot_bound(part, model.activation_bits)
        # the bound takes +2^(A-1) for granted, which is one code more than there is
        assert bound * (a - 1) / a <= worst <= bound


@pytest.mark.parametrize("inputs, taken", ((516, True), (517, False)))
def test_a_dot_product_that_overflows_is_refused(inputs, taken):
    row = sized_dense_model(np.random.default_rng(0), (1,), (1,), activation_bits=16, weight_bits=8)
    w = np.zeros((4, inputs), np.int8)
    w[2] = -127
    wide = replace(row.input, w=(w,))
    if taken:
        replace(row, input_sizes=(inputs,), input=wide)
        return
    text = r"input\.w = 2151514112: a dot product could pass 2\^31 - 1; use smaller codes in w"
    with pytest.raises(pl.ModelFormatError, match=text):
        replace(row, input_sizes=(inputs,), input=wide)


@pytest.mark.parametrize("pre_shift", (-8, 0, 1, 24))
def test_a_sum_at_the_limit_is_taken_and_beyond_refused(model, pre_shift):
    rounding = 1 << (pre_shift - 1) if pre_shift > 0 else 0
    rest = INT32_MAX - 2 * (1 << 15) - rounding
    shifts = (0, pre_shift)
    for sign in (-1, 1):
        bias = np.zeros(8, np.int32)
        bias[5] = sign * rest
        replace(model, pre_shift=shifts, bias=(model.bias[0], bias))
        bias[5] += sign
        text = r"bias\[1\] = 2147483648: the accumulator could pass 2\^31 - 1; use a coarser grid"
        with pytest.raises(pl.ModelFormatError, match=text):
            replace(model, pre_shift=shifts, bias=(model.bias[0], bias))


def test_counts_and_sizes(model):
    rows, weights = 4 * (4 + 2), 4 * 4 * (5 + 4) + 4 * 2 * (3 + 2)
    assert value_counts(model, 10, 3, 1)["p"] == 10 * 2 * rows
    assert value_counts(model, 10, 3, 5) == value_counts(model, 10, 3, 1)
    assert model_size.parameters(model) == weights + 2 * rows
    assert model_size.multiplications(model) == weights + 2 * rows
    assert model_size.stored_bytes(model) == weights + 2 * rows * 2 + rows * 4
    codes = [replace(p, w=tuple(w // 32 for w in p.w)) for p in (model.input, model.hidden)]
    narrow = replace(model, weight_bits=4, input=codes[0], hidden=codes[1])
    assert model_size.stored_bytes(narrow) == weights // 2 + 2 * rows * 2 + rows * 4
    with pytest.raises(pl.InputError, match="refinements = 0"):
        model_size.multiplications(model, 0)
