"""Extreme codes, the edges of int32, every shift, every width of p: 0 LSB."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import check, full_part, with_expected
from random_dense_models import sized_dense_model
from random_models import random_input, sized_model

from pynq_lstm import numerics, reference
from pynq_lstm.model import CompressedModel, DensePart

MODELS = {"svd": sized_model, "dense": sized_dense_model}
INT32_MAX = (1 << 31) - 1


@lru_cache(None)
def extreme_case(method, activation_bits, corner):
    rng = np.random.default_rng(30_000 + corner)
    model = MODELS[method](rng, (45, 45), (70, 70), activation_bits=activation_bits, p_bits=16)
    x, h, c, lengths, refinements = random_input(rng, model)
    code = numerics.limits(activation_bits)[corner % 2]
    state = numerics.limits(16)[corner // 2]
    x, h = ([np.full_like(a, code) for a in arrays] for arrays in (x, h))
    c = [np.full_like(a, state) for a in c]
    return with_expected(model, (x, h, c, lengths, refinements))


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize("activation_bits", [8, 16])
@pytest.mark.parametrize("corner", range(4))
def test_extreme_codes(kernel, threads, method, activation_bits, corner):
    check(extreme_case(method, activation_bits, corner), kernel, threads)


@lru_cache(None)
def edge_of_d(method, s, shift):
    """d of 515 products of 127 and -32768 or 32767, the most that int32 holds."""
    x, state = np.full((1, 4, 515), -32768), np.full((1, 5), -32768)
    x[:, 1::2] = 32767
    if method == "svd":
        u, v = np.full((3, 515), 127, np.int8), np.full((3, 4, 5), -127, np.int8)
        parts = full_part(u, v, s=s, shift=shift), full_part(u[:, :5], v)
    else:
        parts = (
            DensePart((np.full((20, size), 127, np.int8),), (np.full(20, s, np.int16),), (shift,))
            for size in (515, 5)
        )
    bias = (np.zeros(20, np.int32),)
    model = CompressedModel((515,), (5,), 16, 8, 16, (1.0,), (14,), (0,), *parts, bias)
    return with_expected(model, ([x], [state], [state], np.array([4]), 3))


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize("s", [-32768, -32767, 32767])
@pytest.mark.parametrize("shift", [0, 15, 16, 30, 31, 32, 47])
def test_a_dot_product_at_the_edge_of_int32(kernel, method, s, shift):
    check(edge_of_d(method, s, shift), kernel)


@lru_cache(None)
def edges_of_sums(method, sign):
    """Sums that reach int32's end, with the largest bias that may be, and other shifts of pre."""
    x = np.full((1, 3, 40), 127)
    if method == "svd":
        components = 255
        u, v = np.full((components, 40), 127, np.int8), np.full((components, 4, 40), 127, np.int8)
        part = full_part(u, v, s=sign * 32767, shift=0)
        room = INT32_MAX - (1 << 23) - 2 * components * 127 * (1 << 15)
    else:
        components, w = 1, np.full((160, 40), 127, np.int8)
        part = DensePart((w,), (np.full(160, sign * 32767, np.int16),), (0,))
        room = INT32_MAX - (1 << 23) - 2 * (1 << 15)
    bias = (np.full(160, sign * room, np.int32),)
    model = CompressedModel((40,), (40,), 8, 8, 16, (1.0,), (0,), (24,), part, part, bias)
    bias = (np.random.default_rng(0).integers(-room, room, 160).astype(np.int32),)
    models = [model, *(replace(model, pre_shift=(shift,), bias=bias) for shift in (-8, 0, 1))]
    arguments = [x], [x[:, 0]], [x[:, 0]], np.array([3]), components
    return [with_expected(model, arguments) for model in models]


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize("sign", [-1, 1])
def test_an_accumulator_at_the_edge_of_int32(kernel, threads, method, sign):
    clipped = [check(case, kernel, threads)["pre"] for case in edges_of_sums(method, sign)]
    assert all(clipped[1:])


@lru_cache(None)
def limits_of_pre(shift, ends):
    """Gate outputs of two models, each rounded from its bias alone to one of these ends."""
    rng = np.random.default_rng(47_000 + shift)
    u, v = np.zeros((3, 20), np.int8), np.zeros((3, 4, 20), np.int8)
    part = full_part(u, v, models=2)
    shifts, biases = (shift, min(shift + 1, 15)), []
    for k in shifts:
        half = 2 ** (k - 1) if k > 0 else 0
        bias = np.floor(rng.choice(ends, 80) * 2.0**k) + rng.integers(-half, max(half, 1), 80)
        biases.append(bias.astype(np.int32))
    sizes = (20, 20)
    model = CompressedModel(
        sizes, sizes, 8, 8, 8, (1.0,) * 2, (12,) * 2, shifts, part, part, tuple(biases)
    )
    x, state = [np.zeros((1, 2, 20), np.int64)] * 2, [np.zeros((1, 20), np.int64)] * 2
    return with_expected(model, (x, state, state, np.array([2]), 3))


@pytest.mark.parametrize("shift", range(-8, 16))
def test_pre_at_its_limits(kernel, threads, shift):
    within = -32768, -32767, 0, 32767
    assert not check(limits_of_pre(shift, within), kernel, threads)["pre"]
    assert check(limits_of_pre(shift, (*within, -32769, 32768)), kernel, threads)["pre"]


@lru_cache(None)
def shift_cases(method, activation_bits):
    """Every pre_shift, with a large and a small bias, every cell fraction, every s_shift."""
    rng = np.random.default_rng(40_000)
    model = MODELS[method](rng, (20,), (37,), activation_bits=activation_bits)
    arguments = random_input(rng, model)
    small = tuple(b >> 14 for b in model.bias)
    models = []
    for shift in numerics.PRE_SHIFTS:
        models += [replace(model, pre_shift=(shift,), bias=bias) for bias in (model.bias, small)]
    for fraction in numerics.CELL_FRACTIONS:
        models.append(replace(model, cell_fraction_bits=(fraction,)))
    for shift in numerics.S_SHIFTS:
        sides = {"input": shift, "hidden": numerics.S_SHIFTS[-1 - shift]}
        parts = {n: replace(getattr(model, n), s_shift=(k,)) for n, k in sides.items()}
        models.append(replace(model, **parts))
    return [with_expected(m, arguments) for m in models]


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize("activation_bits", [8, 16])
def test_every_shift(kernel, method, activation_bits):
    cases = shift_cases(method, activation_bits)
    totals = dict.fromkeys(reference.KINDS[1:], 0)
    for case in cases:
        for kind, count in check(case, kernel).items():
            totals[kind] += count
    assert all(totals.values())


def test_shifts_that_differ_between_models_of_a_group(kernel):
    """One needs the exact way, one a left shift; the third neither."""
    rng = np.random.default_rng(45_000)
    for method, make in MODELS.items():
        model = make(rng, (20,) * 3, (37,) * 3)
        part = replace(model.hidden, s_shift=(3, 20, 40))
        model = replace(model, pre_shift=(-8, 3, 24), hidden=part)
        case = with_expected(model, random_input(rng, model))
        assert check(case, kernel)["pre"], method


@lru_cache(None)
def p_case(method, p_bits, activation_bits):
    rng = np.random.default_rng(46_000 + p_bits)
    model = MODELS[method](rng, (50,), (40,), p_bits=p_bits, activation_bits=activation_bits)
    return with_expected(model, random_input(rng, model))


@pytest.mark.parametrize("method", MODELS)
@pytest.mark.parametrize("p_bits", range(4, 17))
def test_every_width_of_p(kernel, method, p_bits):
    for activation_bits in (8, 16):
        check(p_case(method, p_bits, activation_bits), kernel)
