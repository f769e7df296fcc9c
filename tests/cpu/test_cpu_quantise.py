"""Floats to codes in C against `numerics.quantise`, on values that are hard to round."""

from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import bits, session_of

import pynq_lstm as pl
from pynq_lstm import numerics
from pynq_lstm.model import CompressedModel, DensePart

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.SaturationWarning")  # clipping is meant

SIZE = 37  # inputs and units: no multiple of any vector
SCALES = (1.0, 8.0, 100.0, 1e-3, 0.1, 3.1415927, 1e30, 1e-30, 127.0)
FRACTIONS = (0, 11, 14)
DISTINCT = {8: 128, 16: 4096}  # largest magnitude of codes of x that c tells apart


@lru_cache(None)
def probe(bits, scale=1.0, fraction=14):
    """A model whose c after a step tells the code of each x, and whose f keeps c as it is."""
    eye = np.eye(SIZE, dtype=np.int8)
    w = np.concatenate([0 * eye, 0 * eye, 64 * eye, 0 * eye])
    shift = 6 if bits == 16 else 1  # pre is x, or 32 x
    s = np.full(4 * SIZE, 1, np.int16)
    part = DensePart((w,), (s,), (shift,))
    none = DensePart((0 * w,), (s,), (0,))
    most = 32767
    bias = np.repeat(np.int32([most, most, 0, most]), SIZE)
    return CompressedModel(
        (SIZE,), (SIZE,), bits, 8, 16, (scale,), (fraction,), (0,), part, none, (bias,)
    )


def hard_values(scale, codes):
    """Floats whose product with `scale` is a half, its neighbours, or beyond all codes."""
    codes = np.asarray(codes, np.float64)
    halves = np.concatenate([codes - 0.5, codes, codes + 0.5]) / np.float64(np.float32(scale))
    halves = halves.astype(np.float32)
    tiny = np.float32([1e-45, 1e-40, 1.1754944e-38, 1e-30])
    huge = np.float32([1e9, 1e20, 1.7e38, 3.4028235e38, 2.0**31, 2.0**32, 32767.5, 32768.5])
    edges = [np.concatenate([values, -values]) for values in (tiny, huge)]
    infinity = np.float32(np.inf)
    near = [np.nextafter(halves, side) for side in (-infinity, infinity)]
    zeros = np.float32([0.0, -0.0])
    values = np.concatenate([halves, *near, *edges, zeros])
    return values[np.isfinite(values)]


def padded(values):
    """Values as (batch, 1, SIZE), zeros at the end."""
    batch = -(-len(values) // SIZE)
    x = np.zeros(batch * SIZE, np.float32)
    x[: len(values)] = values
    return x.reshape(batch, 1, SIZE)


@pytest.mark.parametrize("bits", [8, 16])
def test_the_probe_tells_codes_apart(bits):
    codes = np.arange(-DISTINCT[bits], DISTINCT[bits])
    with pl.load(probe(bits), "reference") as session:
        c = session.infer(padded(codes.astype(np.float32)))[1][1]
    assert len(np.unique(c.ravel()[: len(codes)])) == len(codes)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("width", [8, 16])
def test_x_on_rounding_edges(kernel, width, scale):
    most = DISTINCT[width]
    low, high = numerics.limits(width)
    codes = np.arange(-most, most) if width == 8 else np.arange(-most, most, 7)
    x = padded(hard_values(scale, np.concatenate([codes, [low - 1, low, high, high + 1]])))
    model = probe(width, scale)
    clipped = numerics.quantise(x, scale, width)[1]
    with session_of(model, kernel) as session, pl.load(model, "reference") as naive:
        wanted = bits(naive.infer(x))
        for _ in range(2):
            assert bits(session.infer(x)) == wanted
            assert session.last_run.saturated["x"] == naive.last_run.saturated["x"] == clipped > 0


@pytest.mark.parametrize("mode", ["one step", "stream"])
@pytest.mark.parametrize("width", [8, 16])
def test_one_sequence_and_steps(kernel, width, mode):
    """Edges at every place of a vector's tail, in calls of one column."""
    values = hard_values(3.1415927, np.arange(-20, 20))
    model = probe(width, 3.1415927)
    with session_of(model, kernel) as session, pl.load(model, "reference") as naive:
        for x in padded(values[: len(values) // SIZE * SIZE]):
            for shift in (0, 5):
                step = np.roll(x, shift, axis=-1)
                out, (h, c) = naive.infer(step)
                if mode == "stream":
                    with session.stream() as stream:
                        assert bits(stream.step(step[0])) == bits(out[0])
                        assert bits(stream.state) == bits((h, c))
                else:
                    assert bits(session.infer(step)) == bits((out, (h, c)))
                assert session.last_run.saturated == naive.last_run.saturated


@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("width", [8, 16])
def test_a_state_on_rounding_edges(kernel, width, fraction):
    """h counts through what is clipped, c through its bits too: f keeps all but a little of it."""
    model = probe(width, fraction=fraction)
    low, high = numerics.limits(16)
    cells = np.concatenate([np.arange(-300, 300, 7), [low - 1, low, high, high + 1]])
    c = padded(hard_values(2.0**fraction, cells))
    h = np.resize(hard_values(2.0 ** (width - 1), np.arange(-130, 130, 9)), c.shape)
    state = tuple(np.ascontiguousarray(a.transpose(1, 0, 2)) for a in (h, c))
    x = np.zeros((len(c), 1, SIZE), np.float32)
    clipped = numerics.quantise(h, 2.0 ** (width - 1), width)[1]
    clipped += numerics.quantise(c, 2.0**fraction, 16)[1]
    with session_of(model, kernel) as session, pl.load(model, "reference") as naive:
        wanted = bits(naive.infer(x, state))
        for _ in range(2):
            assert bits(session.infer(x, state)) == wanted
            assert session.last_run.saturated["state"] == clipped > 0
