"""Block-diagonal models: valid, immutable, bounded, counted; anything else is refused by name."""

import copy
import itertools
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from model_files import assert_same
from naive_block_diagonal import present
from random_block_models import random_block_model, sized_block_model
from random_dense_models import sized_dense_model

import pynq_lstm as pl
from pynq_lstm import model_size, overflow
from pynq_lstm.parts import BlockDiagonalPart
from pynq_lstm.runtime.report import value_counts

INT32_MAX = 2**31 - 1
SIZES = (6, 3), (5, 2)
BITS = {"activation_bits": 8, "weight_bits": 4, "p_bits": 8, "gate_bits": 16, "cell_bits": 16}


@pytest.fixture
def model():
    return sized_block_model(np.random.default_rng(7), *SIZES, (4, 2), **BITS)


def test_method_and_prefixes(model):
    assert (model.method, model.max_refinements) == ("block_diagonal", 1)
    assert [model.served(k) for k in (None, 1, 2, 99)] == [1] * 4
    with pytest.raises(pl.InputError, match="refinements = 0: a prefix that this model does not"):
        model.served(0)


def test_immutable(model):
    with pytest.raises(FrozenInstanceError):
        model.input.rank = 2
    for array in (model.input.w[0], model.hidden.m[1]):
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 1


def test_does_not_keep_the_callers_arrays(model):
    w, m = ([a.copy() for a in arrays] for arrays in (model.input.w, model.input.m))
    shifts = ([np.int64(v) for v in s] for s in (model.input.m_shift, model.input.sum_shift))
    part = BlockDiagonalPart(4, w, m, *shifts)
    for array in w + m:
        array[:] = 0
    assert_same(part, model.input)


def test_pickle_and_copy(model):
    assert_same(pickle.loads(pickle.dumps(model)), model)
    assert_same(copy.deepcopy(model), model)


def test_refused_by_name(model):
    part = model.input
    w, m = part.w, part.m
    outside = w[0].copy()
    outside[5, 1] = 1  # gate f, unit 0: column 1 keeps units 1, 5, ..
    for changes, text in (
        ({"w": w[:1]}, r"len\(input\.w\) = 1: not 2, one for each model; compress the network"),
        ({"w": np.zeros((2, 3))}, r"input\.w = 'ndarray': not a tuple of arrays"),
        ({"m": None}, r"input\.m = 'NoneType': not a tuple of arrays; compress"),
        ({"w": (w[1], w[0])}, r"input\.w\[0\]\.shape = \(8, 3\): not \(20, 6\)"),
        ({"w": (w[0], None)}, r"input\.w\[1\] = None: not an array"),
        ({"w": (w[0].astype(np.int16), w[1])}, r"input\.w\[0\]\.dtype = 'int16': not int8"),
        ({"w": (outside, w[1])}, r"input\.w\[0\] = 1: weights where the mask has none; compress"),
        ({"m": (m[0], m[1][:-1])}, r"input\.m\[1\]\.shape = \(2,\): not \(3,\)"),
        ({"m": (m[0].astype(np.int16), m[1])}, r"input\.m\[0\]\.dtype = 'int16': not uint16"),
        ({"m_shift": (0, 32)}, r"input\.m_shift\[1\] = 32: outside 0 to 31"),
        ({"m_shift": (0,)}, r"input\.m_shift = \(0,\): 1 entries, not 2"),
        ({"sum_shift": (16, 0)}, r"input\.sum_shift\[0\] = 16: outside 0 to 15"),
        ({"sum_shift": 3}, r"input\.sum_shift = 3: not a list of integers"),
        ({"w": (8 * (w[0] != 0).astype(np.int8), w[1])}, r"input\.w\[0\] = 8: codes beyond \+-7"),
        ({"rank": 3}, r"input\.rank = 3: not one of \(2, 4, 8, 16\)"),
        ({"rank": True}, r"input\.rank = True: not an integer"),
        ({"rank": 2}, r"input\.w\[0\] = \d+: weights where the mask has none"),
    ):
        with pytest.raises(pl.ModelFormatError, match=text):
            replace(model, input=replace(part, **changes))
    for changes, text in (
        ({"p_bits": 10}, r"p_bits = 10: not one of \(4, 6, 8\), as block-diagonal parts have"),
        ({"weight_bits": 3}, r"weight_bits = 3: not one of \(2, 4, 8\)"),
        ({"weight_bits": 2}, r"input\.w\[0\] = \d: codes beyond \+-1"),
        ({"gate_bits": 3}, r"gate_bits = 3: outside 4 to 16"),
        ({"cell_bits": 17}, r"cell_bits = 17: outside 4 to 16"),
        ({"cell_bits": 8.0}, r"cell_bits = 8\.0: not an integer"),
    ):
        with pytest.raises(pl.ModelFormatError, match=text):
            replace(model, **changes)


def test_weights_of_two_bits_are_of_this_kind_only(model):
    dense = sized_dense_model(np.random.default_rng(1), *SIZES, weight_bits=4)
    with pytest.raises(pl.ModelFormatError, match=r"weight_bits = 2: not one of \(4, 8\)"):
        replace(dense, weight_bits=2)
    with pytest.raises(pl.ModelFormatError, match="hidden = 'DensePart': not a BlockDiagonalPart"):
        replace(model, hidden=dense.hidden)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_of_a_sum_is_the_worst_of_all_corners(seed):
    """Every combination of extreme operands, the shifts of both parts in it."""
    model = random_block_model(np.random.default_rng(seed), max_size=5)
    a = 1 << model.p_bits - 1
    bounds = overflow.sum_bounds(
        (model.input, model.hidden), model.p_bits, model.bias, model.pre_shift
    )
    for j, bound in enumerate(bounds):
        reach = np.abs(model.bias[j].astype(np.int64))
        for part in (model.input, model.hidden):
            w = part.w[j].astype(np.int64)
            corners = np.array(list(itertools.product((-a, a), repeat=w.shape[1])), np.int64)
            reach += np.abs(corners @ w.T).max(axis=0) * 2 ** part.sum_shift[j]
        rounding = 2 ** (model.pre_shift[j] - 1) if model.pre_shift[j] > 0 else 0
        assert bound == reach.max() + rounding <= INT32_MAX


@pytest.mark.parametrize("pre_shift", (-8, 0, 1, 24))
def test_a_sum_at_the_limit_is_taken_and_beyond_refused(model, pre_shift):
    rounding = 1 << (pre_shift - 1) if pre_shift > 0 else 0
    shifts = (0, pre_shift)
    rows = sum(part.v_sums()[1, 2, 1] << 7 for part in (model.input, model.hidden))
    rest = INT32_MAX - int(rows) - rounding
    for sign in (-1, 1):
        bias = np.zeros(8, np.int32)
        bias[2 * 2 + 1] = sign * rest
        replace(model, pre_shift=shifts, bias=(model.bias[0], bias))
        bias[2 * 2 + 1] += sign
        text = r"bias\[1\] = 2147483648: the accumulator could pass 2\^31 - 1; use a coarser grid"
        with pytest.raises(pl.ModelFormatError, match=text):
            replace(model, pre_shift=shifts, bias=(model.bias[0], bias))


@pytest.mark.parametrize("sum_shift, taken", ((0, True), (2, True), (3, False)))
def test_a_dot_product_of_the_largest_size_fits(sum_shift, taken):
    """65,536 inputs at full scale: half of them meet a row."""
    bits = {**BITS, "weight_bits": 8, "pre_shift": (0,)}
    model = sized_block_model(np.random.default_rng(0), (65_536,), (1,), (2, 2), **bits)
    w = np.zeros_like(model.input.w[0])
    w[:, ::4] = w[:, 3::4] = 127
    part = replace(model.input, w=(w,), sum_shift=(sum_shift,))
    fields = {"input": part, "bias": (np.zeros(4, np.int32),)}
    fields["hidden"] = replace(model.hidden, sum_shift=(0,))
    if taken:
        bound = overflow.sum_bounds((part,), 8, fields["bias"], (0,))
        assert bound == [65_536 // 2 * 127 * 128 * 2**sum_shift]
        replace(model, **fields)
        return
    with pytest.raises(pl.ModelFormatError, match=r"bias\[0\] = \d+: the accumulator could pass"):
        replace(model, **fields)


def test_counts_and_sizes(model):
    kept = sum(
        4 * sum(present(i, k, rank) for i in range(hidden) for k in range(inputs))
        for sizes, rank in ((SIZES[0], 4), (SIZES[1], 2))
        for inputs, hidden in zip(sizes, SIZES[1], strict=True)
    )
    elements = sum(SIZES[0]) + sum(SIZES[1])
    assert value_counts(model, 10, 3, 1)["p"] == 10 * elements
    assert value_counts(model, 10, 3, 5) == value_counts(model, 10, 3, 1)
    assert model_size.parameters(model) == kept + elements
    assert model_size.multiplications(model) == kept + elements
    biases = 4 * 4 * sum(SIZES[1])
    assert kept == 4 * (8 + 2 + 13 + 2)
    assert model_size.stored_bytes(model) == kept // 2 + 2 * elements + biases


@pytest.mark.parametrize("weight_bits, most", ((8, 85_000), (4, 44_000), (2, 24_000)))
def test_the_papers_network_is_small(weight_bits, most):
    """I = H = 200, p = 4: weights and two biases in float32 are 1,286,400 bytes."""
    bits = {**BITS, "weight_bits": weight_bits}
    model = sized_block_model(np.random.default_rng(0), (200,), (200,), (4, 4), **bits)
    stored = model_size.stored_bytes(model)
    assert stored == 80_000 * weight_bits // 8 + 2 * 400 + 4 * 800
    whole = 4 * (4 * 200 * (200 + 200) + 2 * 4 * 200)
    assert stored <= most and (weight_bits == 8 or stored * 28 <= whole == 1_286_400)
