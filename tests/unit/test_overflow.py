"""The overflow bounds bound, are reached, are enforced, and are kept by the compressor."""

import dataclasses
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from random_models import random_model

import pynq_lstm as pl
from pynq_lstm import overflow, reference
from pynq_lstm.model import CompressedModel, Part
from pynq_lstm.runtime.cpu.backend import CpuBackend

INT32_MAX = 2**31 - 1


def corners(elements, low, high):
    return np.array(list(itertools.product((low, high), repeat=elements)), np.int64)


@pytest.mark.parametrize("seed", range(20))
def test_dot_bound_is_the_worst_of_all_corners(seed):
    model = random_model(np.random.default_rng(seed), max_size=8, max_components=3)
    a = 1 << (model.activation_bits - 1)
    for part in (model.input, model.hidden):
        u = part.u.astype(np.int64)
        d = corners(u.shape[1], -a, a - 1) @ u.T
        bound = overflow.dot_bound(part, model.activation_bits)
        assert np.abs(d).max() <= bound
        # the bound takes +2^(A-1) for granted, which is one code more than there is
        assert np.abs(d).max() >= bound * (a - 1) / a
        one_sign = dataclasses.replace(part, u=np.abs(part.u))
        assert (
            np.abs(corners(u.shape[1], -a, a - 1) @ np.abs(u).T).max()
            == overflow.dot_bound(one_sign, model.activation_bits)
            == bound
        )


def worst_sums(model, j, refinements):
    """Every gate output's accumulator under the p that is worst for it, Python integers."""
    low, hidden = -(1 << (model.p_bits - 1)), model.hidden_sizes[j]
    found = []
    for e in range(4 * hidden):
        acc = int(model.bias[j][e])
        for part in (model.input, model.hidden):
            for r in range(part.prefix(refinements)):
                v = int(part.v[r].reshape(4, -1)[e // hidden, e % hidden])
                acc += v * (low if (v > 0) == (model.bias[j][e] < 0) else -low - 1)
        found.append(abs(acc) + rounding(model.pre_shift[j]))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_sum_bound_holds_for_every_prefix(seed):
    model = random_model(np.random.default_rng(seed), max_size=8, max_components=5)
    slack = 0.999 if model.p_bits > 10 else 0.8  # the largest p is one code short of 2^(P-1)
    bounds = overflow.sum_bounds(
        (model.input, model.hidden), model.p_bits, model.bias, model.pre_shift
    )
    assert len(bounds) == model.models
    for j, bound in enumerate(bounds):
        worst = [max(worst_sums(model, j, k)) for k in range(model.max_refinements + 1)]
        assert slack * bound <= worst[-1]
        assert max(worst) <= bound <= INT32_MAX


def part_of(components, u, v, s=1):
    """Gate-stacked components of one input and one unit, v in gate i only."""
    mask = np.zeros((components, 4, 1), bool)
    mask[:, 0] = True
    codes = np.where(mask, v, 0).astype(np.int8)
    return Part(
        (components,),
        np.full((components, 1), u, np.int8),
        np.ones((components, 1), bool),
        codes,
        mask,
        np.full((components, 1), s, np.int16),
        (0,),
        1,
        1,
    )


def rounding(pre_shift):
    return 1 << (pre_shift - 1) if pre_shift > 0 else 0


def full_model(bias, pre_shift, v=-127, inputs=511):
    """511 input components and a hidden one of full scale: 2^31 - 1 lacks 16,777,215."""
    return CompressedModel(
        input_sizes=(1,),
        hidden_sizes=(1,),
        activation_bits=16,
        weight_bits=8,
        p_bits=16,
        x_inverse_scale=(1.0,),
        cell_fraction_bits=(12,),
        pre_shift=(pre_shift,),
        input=part_of(inputs, 127, v, 32767),
        hidden=part_of(1, 127, v, 32767),
        bias=(np.array([bias, 0, 0, 0], np.int32),),
    )


@pytest.mark.parametrize("pre_shift", (-8, 0, 1, 2, 24))
def test_model_at_the_limit_is_taken_and_beyond_refused(pre_shift):
    rest = 16_777_215 - rounding(pre_shift)
    text = r"bias\[0\] = 2147483648: the accumulator could pass 2\^31 - 1; use a coarser grid of p"
    for sign in (-1, 1):
        full_model(sign * rest, pre_shift)
        with pytest.raises(pl.ModelFormatError, match=text):
            full_model(sign * (rest + 1), pre_shift)


@pytest.mark.parametrize("pre_shift", (-8, -1, 0, 1, 16, 24))
@pytest.mark.parametrize("sign", (-1, 1))
def test_nothing_wraps_at_the_limit(pre_shift, sign):
    """The sum is driven to its bound; the C kernels give the reference's bits there."""
    bias = 16_777_215 - rounding(pre_shift)
    model = full_model(sign * bias, pre_shift, v=-127 * sign)
    low, seen = np.full((1, 1), -32768), []
    arguments = [low[None]], [low], [np.zeros((1, 1), np.int64)], np.array([1]), 511
    found = reference.run(model, *arguments, lambda j, t, pre: seen.append(pre))
    acc = sign * (INT32_MAX - rounding(pre_shift))
    exact = math.floor(Fraction(acc) / Fraction(2) ** pre_shift + Fraction(1, 2))
    assert seen[0][0, 0] == min(max(exact, -32768), 32767)
    pytest.importorskip("pynq_lstm.runtime.cpu._kernel", reason="the C kernels are not built")
    in_c = CpuBackend(model).run(*arguments)
    for name in ("out", "h", "c"):
        assert np.array_equal(getattr(found, name)[0], getattr(in_c, name)[0])
    assert found.saturated == in_c.saturated


@pytest.mark.parametrize("inputs, taken", ((516, True), (517, False)))
def test_model_refuses_a_dot_product_that_overflows(inputs, taken):
    part = part_of(1, 127, 1)
    wide = dataclasses.replace(part, u=np.full((1, inputs), 127, np.int8), u_tile=inputs)
    model = dataclasses.replace(full_model(0, 0, 1), hidden=part_of(1, 1, 1))
    if taken:
        dataclasses.replace(model, input=wide, input_sizes=(inputs,))
        return
    text = r"input\.u = 2151514112: a dot product could pass 2\^31 - 1; use smaller codes in u"
    with pytest.raises(pl.ModelFormatError, match=text):
        dataclasses.replace(model, input=wide, input_sizes=(inputs,))
    dataclasses.replace(model, input=wide, input_sizes=(inputs,), activation_bits=8)
