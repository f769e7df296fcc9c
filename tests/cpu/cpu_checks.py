"""A kernel against the naive model: 0 LSB in out, h, c and in what is counted."""

from functools import lru_cache
from unittest import mock

import numpy as np
from example_matrices import random_inputs, random_network
from random_block_models import random_block_model, sized_block_model
from random_dense_models import random_dense_model, sized_dense_model
from random_models import random_model, sized_model

import pynq_lstm as pl
from pynq_lstm import reference
from pynq_lstm.model import Part
from pynq_lstm.runtime.cpu import library
from pynq_lstm.runtime.cpu.backend import CpuBackend

DRAWN = random_model, random_dense_model, random_block_model  # by the seed modulo 3
SIZED = {"svd": sized_model, "dense": sized_dense_model, "block_diagonal": sized_block_model}
SIZES = {"single": [(6, 8)], "equal": [(6, 8), (6, 8)], "unequal": [(6, 8), (3, 5), (7, 8)]}


def opened(model, kernel=None, threads=1):
    """A `CpuBackend`, with so many threads whether the machine has as many processors or not."""
    most = max(threads, library.processors())
    with mock.patch.object(library, "processors", lambda: most):
        return CpuBackend(model, threads=threads, kernel=kernel)


def assert_equal(result, expected):
    """Every code, and every count of what was clipped."""
    for name in ("out", "h", "c"):
        found, wanted = getattr(result, name), getattr(expected, name)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)
    assert result.saturated == expected.saturated


def with_expected(model, arguments):
    """A case: model, arguments of `reference.run`, and what it gives."""
    return model, arguments, reference.run(model, *arguments)


def check(case, kernel, threads=1):
    """One case of `with_expected`; returns what saturated."""
    model, arguments, expected = case
    assert_equal(opened(model, kernel, threads).run(*arguments), expected)
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


@lru_cache(None)
def compressed(name, bits=8, method="svd"):
    """A compressed network of `SIZES` and an input that it was calibrated on: (2, 12) steps."""
    network = random_network(np.random.default_rng(5), SIZES[name])
    x = random_inputs(np.random.default_rng(6), network, 2, 12)
    options = {"refinements": (3, 5), "solver": "greedy"} if method == "svd" else {"method": method}
    return pl.compress(network, calibration=x, activation_bits=bits, **options), x


def session_of(model, kernel=None, threads=1):
    """A session as `pl.load` opens it, with as many threads as are asked for."""
    most = max(threads, library.processors())
    with mock.patch.object(library, "processors", lambda: most):
        return pl.load(model, "cpu", kernel=kernel, threads=threads)


def bits(value):
    """Every bit of what a session gave: arrays, tuples and lists of them."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    return type(value), [bits(part) for part in value]
