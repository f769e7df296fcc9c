"""Block-diagonal models: the reference against a computation number by number, 0 LSB."""

from dataclasses import replace

import naive_dense
import numpy as np
import pytest
from naive_block_diagonal import Naive
from random_block_models import random_block_model, sized_block_model
from random_dense_models import random_dense_model
from random_models import random_input, random_model

from pynq_lstm import model_file, reference
from pynq_lstm.runtime.reference_backend import ReferenceBackend

CASES, GROUPS = 90, 6


def assert_equal(result, expected):
    for name in ("out", "h", "c"):
        for a, b in zip(getattr(result, name), getattr(expected, name), strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)
    assert result.saturated == expected.saturated


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_models(group):
    totals, values = dict.fromkeys(reference.KINDS[1:], 0), 0
    for seed in range(group, CASES, GROUPS):
        rng = np.random.default_rng(seed)
        model = random_block_model(rng, max_size=20)
        x, h, c, lengths, refinements = random_input(rng, model, max_batch=3, max_time=4)
        assert refinements == 1
        expected = Naive(model, x, h, c, lengths)
        assert_equal(ReferenceBackend(model).run(x, h, c, lengths, refinements), expected)
        for kind, count in expected.saturated.items():
            totals[kind] += count
        values += (sum(model.input_sizes) + sum(model.hidden_sizes)) * int(lengths.sum())
    assert all(totals.values()), "some kind never saturated: the cases are too tame"
    assert totals["p"] < values / 2, "most p saturated: the cases are too wild"


@pytest.mark.parametrize("rank", (2, 4, 8, 16))
@pytest.mark.parametrize("activation_bits", (8, 16))
def test_extreme_codes(activation_bits, rank):
    """All weights, inputs and multipliers at the ends of their ranges, every shift of m."""
    rng = np.random.default_rng(rank)
    low = -(1 << activation_bits - 1)
    bits = {"activation_bits": activation_bits, "weight_bits": 8, "p_bits": 8}
    for shift in range(32):
        model = sized_block_model(rng, (33, 3), (5, 4), (rank, 2), **bits)
        part = model.input
        extreme = replace(
            part,
            w=[127 * np.sign(w) for w in part.w],
            m=[np.full_like(m, 65535) for m in part.m],
            m_shift=(shift, 31 - shift),
            sum_shift=(0, 15),
        )
        hidden = replace(model.hidden, sum_shift=(0, 0))
        model = replace(model, input=extreme, hidden=hidden, pre_shift=(0, 14))
        _, h, c, _, _ = random_input(rng, model, max_batch=1, max_time=1)
        h, c = ([a[:1] for a in arrays] for arrays in (h, c))
        for code in (low, -low - 1):
            x = [np.full((1, 2, size), code) for size in model.input_sizes]
            expected = Naive(model, x, h, c, [2])
            assert_equal(reference.run(model, x, h, c, np.array([2]), 1), expected)


@pytest.mark.parametrize("gate_bits", (4, 8, 15, 16))
@pytest.mark.parametrize("cell_bits", (4, 8, 15, 16))
def test_bits_of_gates_and_cell_on_the_dense_kind_too(gate_bits, cell_bits):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        model = replace(
            random_dense_model(rng, max_size=8), gate_bits=gate_bits, cell_bits=cell_bits
        )
        x, h, c, lengths, _ = random_input(rng, model)
        expected = naive_dense.Naive(model, x, h, c, lengths)
        result = reference.run(model, x, h, c, lengths, 1)
        assert_equal(result, expected)
        assert not any((c % (1 << 16 - cell_bits)).any() for c in result.c)


def test_gates_at_their_ends_stay_below_one():
    """Gates that round up to 1 saturate one step below it, and are not counted."""
    rng = np.random.default_rng(5)
    model = sized_block_model(rng, (3,), (4,), gate_bits=4, cell_bits=16, pre_shift=(0,))
    bias = np.full(16, 1 << 22, np.int32)
    model = replace(model, bias=(bias,), cell_fraction_bits=(14,))
    zeros = [np.zeros((1, 1, 3), int)], [np.zeros((1, 4), int)], [np.zeros((1, 4), int)]
    result = reference.run(model, *zeros, np.array([1]), 1)
    assert result.c[0].tolist() == [[round(0.875 * 0.875 * 2**14)] * 4]
    assert (result.saturated["p"], result.saturated["c"]) == (0, 0)


def test_sixteen_bits_change_nothing():
    for draw in (random_model, random_dense_model, random_block_model):
        rng = np.random.default_rng(1)
        model = replace(draw(rng), gate_bits=16, cell_bits=16)
        arguments = random_input(rng, model)
        whole = reference.run(model, *arguments)
        for bits in ({"gate_bits": 6}, {"cell_bits": 6}):
            other = reference.run(replace(model, **bits), *arguments)
            same = (np.array_equal(a, b) for a, b in zip(whole.c, other.c, strict=True))
            assert not all(same)


def test_every_refinements_is_the_whole():
    rng = np.random.default_rng(3)
    model = random_block_model(rng)
    *arguments, _ = random_input(rng, model)
    whole = reference.run(model, *arguments, 1)
    for refinements in (2, 16, 10**6):
        assert model.served(refinements) == 1
        assert_equal(reference.run(model, *arguments, refinements), whole)


def test_a_loaded_model_computes_the_same():
    rng = np.random.default_rng(4)
    for draw in (random_model, random_dense_model, random_block_model):
        for _ in range(8):
            model = replace(draw(rng), gate_bits=int(rng.integers(4, 17)), cell_bits=9)
            arguments = random_input(rng, model)
            loaded = model_file.from_bytes(model_file.to_bytes(model))
            assert_equal(reference.run(loaded, *arguments), reference.run(model, *arguments))


def test_a_sequence_cut_in_two_gives_the_bits_of_the_whole():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        model = random_block_model(rng)
        x, h, c, _, _ = random_input(rng, model, max_time=6)
        batch, steps = x[0].shape[:2]
        whole = reference.run(model, x, h, c, np.full(batch, steps), 1)
        cut = steps // 2
        first = reference.run(model, [a[:, :cut] for a in x], h, c, np.full(batch, cut), 1)
        rest = [a[:, cut:] for a in x]
        second = reference.run(model, rest, first.h, first.c, np.full(batch, steps - cut), 1)
        for j in range(model.models):
            np.testing.assert_array_equal(whole.out[j][:, cut:], second.out[j])
            np.testing.assert_array_equal(whole.c[j], second.c[j])
