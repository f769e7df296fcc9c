"""Sizes of more than one register, many columns, lengths, chunks of steps, sequences cut in two."""

from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import DRAWN, SIZED, assert_equal, check, opened, with_expected
from random_models import random_input

from pynq_lstm import reference
from pynq_lstm.runtime.cpu import binding

SIZES = [
    ((130,), (100,)),
    ((28, 28), (128, 128)),
    ((33, 64, 1), (31, 97, 32)),
    ((1,), (1,)),
    ((32, 31), (33, 160)),
    ((300,), (65,)),
]


@lru_cache(None)
def sized_cases(method, inputs, hidden):
    cases = []
    for seed in range(4):
        rng = np.random.default_rng(20_000 + seed)
        model = SIZED[method](rng, inputs, hidden)
        cases.append(with_expected(model, random_input(rng, model, max_batch=3, max_time=5)))
    return cases


@pytest.mark.parametrize("method", SIZED)
@pytest.mark.parametrize("inputs, hidden", SIZES)
def test_sizes_beyond_one_vector_register(kernel, threads, method, inputs, hidden):
    for case in sized_cases(method, inputs, hidden):
        check(case, kernel, threads)


@lru_cache(None)
def many_columns(method, batch, bits):
    """Inputs and components of more than 16 words, of 8 or 16 bits: what fills tiles, and more."""
    rng = np.random.default_rng(25_000 + batch)
    options = {"max_components": 90} if method == "svd" else {}
    p_bits = bits[1] if method != "block_diagonal" else bits[1] // 2
    model = SIZED[method](
        rng, (150, 150), (70, 70), activation_bits=bits[0], p_bits=p_bits, **options
    )
    x, h, c, _, refinements = random_input(rng, model, max_batch=1, max_time=1)
    x = [np.tile(a, (batch, 3, 1)) for a in x]
    x = [rng.permutation(a.ravel()).reshape(a.shape) for a in x]
    h, c = ([rng.permutation(np.tile(a, (batch, 1))) for a in side] for side in (h, c))
    return with_expected(model, (x, h, c, rng.integers(1, 4, batch), model.max_refinements))


@pytest.mark.parametrize("bits", [(8, 8), (8, 12), (16, 8)], ids=str)
@pytest.mark.parametrize("method", SIZED)
def test_many_columns(kernel, threads, method, bits):
    for batch in (1, 7, 8, 15, 16, 24, 33):
        check(many_columns(method, batch, bits), kernel, threads)


@lru_cache(None)
def tail_case(size):
    """Every length of I and H from 1 to 70, on all widths of x and p and all methods."""
    rng = np.random.default_rng(26_000 + size)
    method = tuple(SIZED)[size // 4 % 3]
    p_bits = (6, 8) if method == "block_diagonal" else (8, 12)
    bits = {"activation_bits": (8, 16)[size % 2], "p_bits": p_bits[size // 2 % 2]}
    model = SIZED[method](rng, (size,), (71 - size,), **bits)
    return with_expected(model, random_input(rng, model, max_batch=3, max_time=3))


@pytest.mark.parametrize("first", range(1, 71, 10))
def test_tails_of_every_length(kernel, first):
    for size in range(first, first + 10):
        check(tail_case(size), kernel)


@lru_cache(None)
def long_case(seed):
    rng = np.random.default_rng(27_000 + seed)
    model = DRAWN[seed % 3](rng)
    return with_expected(model, random_input(rng, model, max_batch=5, max_time=24))


@pytest.mark.parametrize("chunk_bytes", [1, 2_000, 20_000])
def test_chunks_of_steps_and_lengths_that_end_in_them(kernel, threads, chunk_bytes, monkeypatch):
    monkeypatch.setattr(binding, "_CHUNK_BYTES", chunk_bytes)
    for seed in range(20):
        check(long_case(seed), kernel, threads)


def cut_in_two(kernel, seed):
    rng = np.random.default_rng(10_000 + seed)
    model = DRAWN[seed % 3](rng)
    x, h, c, lengths, refinements = random_input(rng, model, max_time=9)
    cut = int(rng.integers(0, x[0].shape[1] + 1))
    cpu = opened(model, kernel)
    whole = cpu.run(x, h, c, lengths, refinements)
    first = cpu.run([a[:, :cut] for a in x], h, c, np.minimum(lengths, cut), refinements)
    rest = np.maximum(lengths - cut, 0)
    second = cpu.run([a[:, cut:] for a in x], first.h, first.c, rest, refinements)
    out = [np.concatenate(pair, axis=1) for pair in zip(first.out, second.out, strict=True)]
    counts = {kind: first.saturated[kind] + second.saturated[kind] for kind in whole.saturated}
    assert_equal(reference.IntegerResult(out, second.h, second.c, counts), whole)


@pytest.mark.parametrize("group", range(6))
def test_a_sequence_cut_in_two_gives_the_same_bits(kernel, group):
    for seed in range(group, 60, 6):
        cut_in_two(kernel, seed)


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, np.uint64])
def test_lengths_of_any_type(kernel, dtype):
    model, (x, h, c, _, refinements), _ = long_case(0)
    batch, time = x[0].shape[:2]
    lengths = np.linspace(1, time, batch).astype(dtype)
    arguments = x, h, c, lengths, refinements
    check(with_expected(model, arguments), kernel)
