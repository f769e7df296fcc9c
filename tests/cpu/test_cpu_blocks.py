"""Block-diagonal models at their corners: every rank, width, shift, multiplier; counts of p."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import SIZED, check, opened, with_expected
from random_block_models import sized_block_model
from random_models import random_input

from pynq_lstm import numerics
from pynq_lstm.model import CompressedModel
from pynq_lstm.parts import BlockDiagonalPart
from pynq_lstm.parts.block_diagonal import OPERAND_BITS, RANKS
from pynq_lstm.runtime.cpu import groups

WEIGHT_BITS = BlockDiagonalPart.weight_bits


@lru_cache(None)
def width_cases(ranks):
    """Every width of weights, operands and activations, at sizes that leave parts of all words."""
    cases = []
    for number, (weight, p, activation) in enumerate(
        (w, p, a) for w in WEIGHT_BITS for p in OPERAND_BITS for a in (8, 16)
    ):
        rng = np.random.default_rng(400_000 + number)
        bits = {"weight_bits": weight, "p_bits": p, "activation_bits": activation}
        inputs, hidden = rng.integers(1, 150, 2)
        model = sized_block_model(rng, (int(inputs),), (int(hidden),), ranks, **bits)
        cases.append(with_expected(model, random_input(rng, model, max_batch=5)))
    return cases


@pytest.mark.parametrize("hidden_rank", RANKS)
@pytest.mark.parametrize("input_rank", RANKS)
def test_every_rank_and_width(kernel, input_rank, hidden_rank):
    totals = {"p": 0, "pre": 0, "c": 0}
    for case in width_cases((input_rank, hidden_rank)):
        for kind, count in check(case, kernel).items():
            totals[kind] += count
    assert all(totals.values())


@lru_cache(None)
def wide_case(rank):
    """More columns than any product takes at once, of two models, in chunks and tails of them."""
    rng = np.random.default_rng(410_000 + rank)
    model = sized_block_model(rng, (70, 33), (130, 65), (rank, rank), activation_bits=8)
    x, h, c, _, refinements = random_input(rng, model, max_batch=1, max_time=1)
    x = [np.tile(a, (23, 4, 1)) for a in x]
    x = [rng.permutation(a.ravel()).reshape(a.shape) for a in x]
    h, c = ([rng.permutation(np.tile(a, (23, 1))) for a in side] for side in (h, c))
    return with_expected(model, (x, h, c, rng.integers(0, 5, 23), refinements))


@pytest.mark.parametrize("rank", RANKS)
def test_many_columns_of_every_length(kernel, threads, rank):
    check(wide_case(rank), kernel, threads)


def full_model(weight, m, m_shift, sum_shifts, pre_shift=0, bias=0, bits=8, codes=127):
    """One model of 40 inputs and 40 units of rank 2, with all weights and multipliers alike."""
    kept = np.arange(40)[:, None] % 2 == (np.arange(40) - np.arange(40) // 2) % 2
    w = np.tile(np.where(kept, weight, 0).astype(np.int8), (4, 1))
    parts = [
        BlockDiagonalPart(2, (w,), (np.full(40, m, np.uint16),), (m_shift,), (shift,))
        for shift in sum_shifts
    ]
    biases = (np.full(160, bias, np.int32),)
    model = CompressedModel((40,), (40,), bits, 8, 8, (1.0,), (11,), (pre_shift,), *parts, biases)
    x = np.tile([[codes], [-codes - 1], [1], [0]], (1, 1, 40)).reshape(1, 4, 40)
    state = np.full((1, 40), -codes - 1)
    return with_expected(model, ([x], [state], [state], np.array([4]), 1))


@lru_cache(None)
def multiplier_cases(bits):
    """Every shift of m with the multipliers that two halves hold, and with the one they do not."""
    codes = numerics.limits(bits)[1]
    return [
        full_model(3, m, shift, (0, 0), pre_shift=4, bits=bits, codes=codes)
        for shift in numerics.M_SHIFTS
        for m in (0, 1, 32767, 32768, 65534, 65535)
    ]


@pytest.mark.parametrize("bits", (8, 16))
def test_every_multiplier_and_its_shift(kernel, bits):
    assert sum(check(case, kernel)["p"] for case in multiplier_cases(bits)) > 0


@lru_cache(None)
def shift_cases():
    """Shifts of the sums that go into the weights, out of the units, and what neither takes."""
    cases = []
    for weight in (1, 7, 127):
        for sum_shifts in ((0, 15), (15, 0), (5, 5), (9, 4), (13, 14)):
            for pre_shift in (-8, 0, 3, 5, 12, 24):
                room = (1 << 31) - 1 - (20 * weight << 7) * sum(1 << shift for shift in sum_shifts)
                for bias in (0, 12_345, -98_765_431):
                    if room - abs(bias) > 1 << 24:
                        cases.append(full_model(weight, 60_000, 16, sum_shifts, pre_shift, bias))
    return cases


def test_every_way_of_the_shifts_of_sums(kernel):
    cases = shift_cases()
    assert len(cases) > 200
    clipped = [check(case, kernel)["pre"] for case in cases]
    assert any(clipped) and not all(clipped)


def test_an_accumulator_at_the_edge_of_int32(kernel):
    """The largest bias that a model may have, and all products on its side."""
    for sign in (-1, 1):
        for shifts in ((9, 11), (11, 9), (12, 0)):
            reach = (20 * 127 << 7) * sum(1 << shift for shift in shifts)
            bias = sign * ((1 << 31) - 1 - reach - (1 << 23))
            case = full_model(-sign * 127, 65_535, 16, shifts, 24, bias)
            check(case, kernel)
            with pytest.raises(ValueError, match="could pass"):
                full_model(-sign * 127, 65_535, 16, shifts, 24, bias + sign)


@pytest.mark.parametrize("joined", (True, False))
def test_joined_or_not_the_bits_are_the_same(kernel, threads, joined, monkeypatch):
    limits = (1 << 30, 1 << 30) if joined else (-1, -1)
    monkeypatch.setattr(groups, "_JOINED_BYTES", limits[0])
    monkeypatch.setattr(groups, "_JOINED_WORDS", limits[1])
    found = set()
    for case in (wide_case(4), wide_case(16), *shift_cases()[::9]):
        check(case, kernel, threads)
        cpu = opened(case[0], kernel)
        found.update(group.joined for group in cpu._program(1).structures)
    assert (1 in found) == joined and 0 in found


@lru_cache(None)
def state_bit_cases(method):
    """A model with every number of bits of gates and of c, saturating."""
    rng = np.random.default_rng(420_000)
    activation_bits = 8 if method == "block_diagonal" else 16
    model = SIZED[method](rng, (20,), (37,), activation_bits=activation_bits)
    model = replace(model, cell_fraction_bits=(13,))
    arguments = random_input(rng, model)
    bits = [(gate, 16) for gate in numerics.STATE_BITS] + [
        (16, cell) for cell in numerics.STATE_BITS
    ]
    bits += [(gate, 20 - gate) for gate in numerics.STATE_BITS]
    models = [replace(model, gate_bits=gate, cell_bits=cell) for gate, cell in bits]
    return [with_expected(m, arguments) for m in models]


@pytest.mark.parametrize("method", SIZED)
def test_every_number_of_bits_of_gates_and_c(kernel, threads, method):
    clipped = [check(case, kernel, threads)["c"] for case in state_bit_cases(method)]
    assert all(clipped)


@lru_cache(None)
def end_cases():
    """All gates at an end of their curve, which few bits round to an end of their grid."""
    cases = []
    for draw, method in enumerate(SIZED):
        rng = np.random.default_rng(430_000 + draw)
        model = SIZED[method](rng, (9,), (40,), activation_bits=8, p_bits=8)
        arguments = random_input(rng, model)
        for gate_bits in (4, 8, 15):
            for ends in ((1, 1, 1, 1), (1, 1, -1, 1), (1, 1, -1, -1), (-1, -1, 1, 1)):
                bias = np.repeat(np.array(ends, np.int32) << 27, 40)
                fields = {"bias": (bias,), "pre_shift": (11,), "cell_fraction_bits": (13,)}
                changed = replace(model, gate_bits=gate_bits, **fields)
                cases.append(with_expected(changed, arguments))
    return cases


def test_gates_at_the_ends_of_their_grid(kernel):
    for case in end_cases():
        check(case, kernel)


def test_operands_are_counted_once_for_every_element(kernel, threads):
    """Not for padding, and not for elements whose words stand in several places."""
    for rank in RANKS:
        rng = np.random.default_rng(440_000 + rank)
        model = sized_block_model(rng, (37,), (21,), (rank, rank), activation_bits=8, p_bits=4)
        full = [np.full_like(part.m[0], 65535) for part in (model.input, model.hidden)]
        parts = {
            name: replace(getattr(model, name), m=(m,), m_shift=(0,))
            for name, m in zip(("input", "hidden"), full)
        }
        model = replace(model, **parts)
        x = [np.ones((3, 2, 37), int)]
        h, c = ([np.ones((3, 21), int)] for _ in range(2))
        case = with_expected(model, (x, h, c, np.array([1, 0, 1]), 1))
        assert case[2].saturated["p"] == 2 * (37 + 21)
        check(case, kernel, threads)
