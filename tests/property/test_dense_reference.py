"""Dense models: the reference against a computation number by number, 0 LSB."""

import numpy as np
import pytest
from naive_dense import Naive
from random_dense_models import random_dense_model, sized_dense_model
from random_models import random_input

from pynq_lstm import model_file, reference
from pynq_lstm.runtime.reference_backend import ReferenceBackend

CASES, GROUPS = 60, 6


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
        model = random_dense_model(rng, max_size=10)
        x, h, c, lengths, refinements = random_input(rng, model)
        assert refinements == 1
        expected = Naive(model, x, h, c, lengths)
        assert_equal(ReferenceBackend(model).run(x, h, c, lengths, refinements), expected)
        for kind, count in expected.saturated.items():
            totals[kind] += count
        values += 8 * sum(model.hidden_sizes) * int(lengths.sum())
    assert all(totals.values()), "some kind never saturated: the cases are too tame"
    assert totals["p"] < values / 2, "most p saturated: the cases are too wild"


@pytest.mark.parametrize("activation_bits", [8, 16])
def test_extreme_codes(activation_bits):
    """All weights, inputs and scalars at the ends of their ranges, every shift of s."""
    rng = np.random.default_rng(activation_bits)
    low = -(1 << activation_bits - 1)
    for shift in range(48):
        model = sized_dense_model(rng, (9, 3), (2, 4), activation_bits=activation_bits)
        part = model.input
        extreme = type(part)(
            [np.where(w < 0, -127, 127).astype(np.int8) for w in part.w],
            [np.where(s < 0, -32768, 32767).astype(np.int16) for s in part.s],
            (shift, 47 - shift),
        )
        model = sized_dense_model(
            rng, (9, 3), (2, 4), input=extreme, weight_bits=8, activation_bits=activation_bits
        )
        _, h, c, _, _ = random_input(rng, model, max_batch=1, max_time=1)
        x = [np.full((1, 2, size), low) for size in model.input_sizes]
        h, c = ([a[:1] for a in arrays] for arrays in (h, c))
        expected = Naive(model, x, h, c, [2])
        assert_equal(reference.run(model, x, h, c, np.array([2]), 1), expected)


def test_every_refinements_is_the_whole():
    rng = np.random.default_rng(3)
    model = random_dense_model(rng)
    *arguments, _ = random_input(rng, model)
    whole = reference.run(model, *arguments, 1)
    for refinements in (2, 16, 10**6):
        assert model.served(refinements) == 1
        assert_equal(reference.run(model, *arguments, refinements), whole)


def test_a_loaded_model_computes_the_same():
    rng = np.random.default_rng(4)
    for _ in range(10):
        model = random_dense_model(rng)
        arguments = random_input(rng, model)
        loaded = model_file.from_bytes(model_file.to_bytes(model))
        assert_equal(reference.run(loaded, *arguments), reference.run(model, *arguments))
