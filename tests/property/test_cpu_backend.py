"""The C kernels against the naive model: 0 LSB in out, h, c and in what is counted."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from random_models import random_input, random_model, random_part, sized_model

from pynq_lstm import numerics, reference
from pynq_lstm.errors import BackendError
from pynq_lstm.model import CompressedModel, Part
from pynq_lstm.runtime.cpu import backend
from pynq_lstm.runtime.cpu.backend import CpuBackend
from pynq_lstm.runtime.reference_backend import ReferenceBackend

kernel = pytest.importorskip("pynq_lstm.runtime.cpu._kernel")

CASES, GROUPS = 1000, 20
SIZES = [
    ((130,), (100,)),
    ((28, 28), (128, 128)),
    ((33, 64, 1), (31, 97, 32)),
    ((1,), (1,)),
    ((32, 31), (33, 160)),
    ((300,), (65,)),
]


def assert_equal(result, expected):
    for name in ("out", "h", "c"):
        found, wanted = getattr(result, name), getattr(expected, name)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)
    assert result.saturated == expected.saturated


def check(model, arguments):
    """One run against the reference; returns what saturated."""
    expected = reference.run(model, *arguments)
    assert_equal(CpuBackend(model).run(*arguments), expected)
    return expected.saturated


def full_part(u, v, models=1, s=32767, shift=16):
    """A stacked part of one tile a vector: u (components, inputs), v (components, 4, hidden)."""
    return Part(
        (len(u),),
        u,
        np.ones((len(u), 1), bool),
        v,
        np.ones((len(u), 4, 1), bool),
        np.full((len(u), models), s, np.int16),
        (shift,) * models,
        u.shape[1],
        v.shape[2],
    )


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_models(group):
    totals = dict.fromkeys(reference.KINDS[1:], 0)
    for seed in range(group, CASES, GROUPS):
        rng = np.random.default_rng(seed)
        model = random_model(rng)
        for kind, count in check(model, random_input(rng, model)).items():
            totals[kind] += count
    assert all(totals.values()), "some kind never saturated: the cases are too tame"


@pytest.mark.parametrize("seed", range(60))
def test_a_sequence_cut_in_two_gives_the_same_bits(seed):
    rng = np.random.default_rng(10_000 + seed)
    model = random_model(rng)
    x, h, c, lengths, refinements = random_input(rng, model, max_time=9)
    cut = int(rng.integers(0, x[0].shape[1] + 1))
    cpu = CpuBackend(model)
    whole = cpu.run(x, h, c, lengths, refinements)
    first = cpu.run([a[:, :cut] for a in x], h, c, np.minimum(lengths, cut), refinements)
    rest = np.maximum(lengths - cut, 0)
    second = cpu.run([a[:, cut:] for a in x], first.h, first.c, rest, refinements)
    out = [np.concatenate(pair, axis=1) for pair in zip(first.out, second.out, strict=True)]
    counts = {kind: first.saturated[kind] + second.saturated[kind] for kind in whole.saturated}
    assert_equal(reference.IntegerResult(out, second.h, second.c, counts), whole)


@pytest.mark.parametrize("inputs, hidden", SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_sizes_beyond_one_vector_register(inputs, hidden, seed):
    rng = np.random.default_rng(20_000 + seed)
    model = sized_model(rng, inputs, hidden)
    check(model, random_input(rng, model, max_batch=3, max_time=5))


@pytest.mark.parametrize("activation_bits", [8, 16])
@pytest.mark.parametrize("corner", range(4))
def test_extreme_codes(activation_bits, corner):
    rng = np.random.default_rng(30_000 + corner)
    model = sized_model(rng, (45, 45), (70, 70), activation_bits=activation_bits, p_bits=16)
    x, h, c, lengths, refinements = random_input(rng, model)
    low, high = numerics.limits(activation_bits)
    code = (low, high)[corner % 2]
    state = numerics.limits(16)[corner // 2]
    x, h = ([np.full_like(a, code) for a in arrays] for arrays in (x, h))
    check(model, (x, h, [np.full_like(a, state) for a in c], lengths, refinements))


def test_a_dot_product_at_the_edge_of_int32():
    u, v = np.full((3, 515), 127, np.int8), np.full((3, 4, 5), -127, np.int8)
    x, state = np.full((1, 4, 515), -32768), np.full((1, 5), -32768)
    x[:, 1::2] = 32767
    for s in (-32768, -32767, 32767):
        for shift in (0, 30, 31, 32, 47):
            part = full_part(u, v, s=s, shift=shift)
            model = CompressedModel(
                (515,),
                (5,),
                16,
                8,
                16,
                (1.0,),
                (14,),
                (0,),
                part,
                full_part(u[:, :5], v),
                (np.zeros(20, np.int32),),
            )
            check(model, ([x], [state], [state], np.array([4]), 3))


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_accumulator_at_the_edge_of_int32(sign):
    components = 255
    u, v = np.full((components, 40), 127, np.int8), np.full((components, 4, 40), 127, np.int8)
    part = full_part(u, v, s=sign * 32767, shift=0)
    room = (1 << 31) - 1 - (1 << 23) - 2 * components * 127 * (1 << 15)
    model = CompressedModel(
        (40,),
        (40,),
        8,
        8,
        16,
        (1.0,),
        (0,),
        (24,),
        part,
        part,
        (np.full(160, sign * room, np.int32),),
    )
    x = np.full((1, 3, 40), 127)
    arguments = ([x], [x[:, 0]], [x[:, 0]], np.array([3]), components)
    check(model, arguments)
    bias = np.random.default_rng(0).integers(-room, room, 160).astype(np.int32)
    assert check(replace(model, pre_shift=(-8,), bias=(bias,)), arguments)["pre"]


@pytest.mark.parametrize("activation_bits", [8, 16])
def test_every_shift(activation_bits):
    rng = np.random.default_rng(40_000)
    model = sized_model(rng, (20,), (37,), activation_bits=activation_bits)
    arguments = random_input(rng, model)
    small = tuple(b >> 14 for b in model.bias)
    for shift in range(-8, 25):
        check(replace(model, pre_shift=(shift,)), arguments)
        check(replace(model, pre_shift=(shift,), bias=small), arguments)
    for fraction in range(15):
        check(replace(model, cell_fraction_bits=(fraction,)), arguments)
    for shift in range(48):
        check(replace(model, input=replace(model.input, s_shift=(shift,))), arguments)
        check(replace(model, hidden=replace(model.hidden, s_shift=(shift,))), arguments)


def test_every_prefix_and_none():
    rng = np.random.default_rng(50_000)
    for _ in range(10):
        model = random_model(rng)
        x, h, c, lengths, _ = random_input(rng, model)
        for refinements in range(model.max_refinements + 2):
            check(model, (x, h, c, lengths, refinements))


def test_no_tile_present():
    rng = np.random.default_rng(60_000)
    model = sized_model(rng, (20, 33), (40, 7))
    names = ("u", "u_mask", "v", "v_mask")
    none = {name: np.zeros_like(getattr(model.input, name)) for name in names}
    check(replace(model, input=replace(model.input, **none)), random_input(rng, model))


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_sigma_of_every_code(name):
    pre = np.arange(-32768, 32768).astype(np.int16)
    y = np.empty(65536, np.int32)
    view = kernel.ffi.from_buffer
    getattr(kernel.lib, f"lstm_{name}")(view("int16_t[]", pre), view("int32_t[]", y), len(pre))
    np.testing.assert_array_equal(y, getattr(numerics, name)(pre.astype(np.int64)))


def test_packing_keeps_present_blocks_only():
    rng = np.random.default_rng(70_000)
    bits = {"activation_bits": 8, "weight_bits": 8, "p_bits": 8}
    for _ in range(100):
        part = random_part(rng, (150,), (90,), 6, bits)
        codes, runs, first = backend.pack(part.v, part.v_mask, part.v_tile, 32)
        restored = np.zeros((len(part.v), 4, 3, 32), np.int8)
        stored = np.zeros(restored.shape[:3], bool)
        for component, (begin, end) in enumerate(pairwise(first)):
            for row, start, count, place in runs[begin:end]:
                restored[component, row, start : start + count] = codes[place : place + count]
                stored[component, row, start : start + count] = True
        np.testing.assert_array_equal(restored.reshape(len(part.v), 4, 96)[..., :90], part.v)
        present = np.repeat(part.v_mask, part.v_tile, axis=-1)[..., :90]
        wanted = [present[..., k : k + 32].any(axis=-1) for k in (0, 32, 64)]
        np.testing.assert_array_equal(stored, np.stack(wanted, axis=-1))
        assert len(codes) == np.count_nonzero(stored)


def test_arguments_of_any_layout_are_left_unchanged():
    rng = np.random.default_rng(80_000)
    model = random_model(rng)
    x, h, c, lengths, refinements = random_input(rng, model)
    x, h, c = ([np.asfortranarray(a.astype(np.int32)) for a in arrays] for arrays in (x, h, c))
    before = [a.copy() for a in x + h + c]
    check(model, (x, h, c, lengths.astype(np.int32), refinements))
    for a, b in zip(x + h + c, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_calls_of_several_threads_do_not_meet():
    rng = np.random.default_rng(90_000)
    model = sized_model(rng, (130,), (100,))
    arguments = [random_input(rng, model, max_time=40) for _ in range(8)]
    cpu = CpuBackend(model)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda a: cpu.run(*a), arguments * 10))
    expected = [reference.run(model, *a) for a in arguments]
    for result, wanted in zip(results, expected * 10, strict=True):
        assert_equal(result, wanted)


def test_the_reference_backend_is_the_reference():
    rng = np.random.default_rng(100_000)
    model = random_model(rng)
    arguments = random_input(rng, model)
    plain = ReferenceBackend(model)
    assert_equal(plain.run(*arguments), reference.run(model, *arguments))
    plain.close()
    assert (plain.name, CpuBackend.name) == ("reference", "cpu")


def test_a_closed_backend_refuses_to_run():
    rng = np.random.default_rng(110_000)
    model = random_model(rng)
    cpu = CpuBackend(model)
    cpu.close()
    cpu.close()
    with pytest.raises(BackendError, match="backend = 'cpu': closed; make another one"):
        cpu.run(*random_input(rng, model))


def test_missing_kernels_are_refused_with_the_command_that_builds_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynq_lstm.runtime.cpu._kernel", None)
    with pytest.raises(BackendError, match=r"kernels are not built .*; run: python .*build\.py"):
        CpuBackend(random_model(np.random.default_rng(0)))
