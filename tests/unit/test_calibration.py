"""Data that the scales are chosen from: what it does to them, and what is refused."""

import re

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.compression.quantization import cell_fraction_bits

X = np.ones((2, 3, 6), np.float32)


def net():
    return random_network(np.random.default_rng(2), [(6, 8)])


def test_input_range_widens_calibration_and_stands_alone():
    x = random_inputs(np.random.default_rng(2), net())
    largest = np.float32(np.abs(x).max())
    scales = {
        name: pl.compress(net(), refinements=1, **given).x_inverse_scale[0]
        for name, given in {
            "data": {"calibration": x},
            "both": {"calibration": x, "input_range": (-20, 3)},
            "inside": {"calibration": x, "input_range": (-0.1, 0.1)},
            "range": {"input_range": (-0.5, 4)},
        }.items()
    }
    for name, wanted in (("data", largest), ("both", 20), ("inside", largest), ("range", 4)):
        np.testing.assert_allclose(scales[name], 127 / wanted, rtol=1e-6)


@pytest.mark.parametrize(
    "largest, bits",
    [(0.0, 14), (1.0, 14), (1.6, 13), (3.1, 13), (3.3, 12), (100, 8), (26214, 0), (1e9, 0)],
)
def test_cell_grid_is_the_finest_with_a_quarter_to_spare(largest, bits):
    assert cell_fraction_bits(largest) == bits
    if bits:
        assert 1.25 * largest * 2**bits < 2**15 and (
            bits == 14 or 1.25 * largest * 2**bits >= 2**14
        )


def test_cell_grid_follows_the_float_cells():
    layer = net().layers[0]
    bias = np.repeat(np.float32([6, 6, 6, 0]), 8)  # i, f, g near 1: c grows by almost 1 a step
    grown = pl.Network((pl.Layer(layer.w_ih, layer.w_hh, layer.bias + bias),))
    for steps, bits in ((1, 14), (10, 11), (40, 9)):
        x = np.ones((1, steps, 6), np.float32)
        assert 0.85 * steps < np.abs(grown.infer(x)[1][1]).max() < steps
        assert pl.compress(grown, calibration=x, refinements=1).cell_fraction_bits == (bits,)


def bad(value):
    x = X.copy()
    x[1, 2, 3] = value
    return x


@pytest.mark.parametrize(
    "given, text",
    [
        (
            {},
            "calibration = None: no data to choose the scales from; pass calibration= with a few "
            "typical inputs, or input_range=(low, high)",
        ),
        ({"calibration": bad(np.nan)}, "calibration: x = "),
        ({"calibration": bad(np.nan)}, ": not finite; remove NaN and infinity from the input"),
        ({"calibration": bad(-np.inf)}, ": not finite; remove NaN and infinity from the input"),
        (
            {"calibration": X[0, 0]},
            "calibration: x.shape = (6,): not what the model takes; pass (batch",
        ),
        ({"calibration": X[None]}, "calibration: x.shape = (1, 2, 3, 6): not what the model takes"),
        (
            {"calibration": X[..., :5]},
            "x.shape = (2, 3, 5): not what the model takes; pass (batch, time, 6) or (time, 6)",
        ),
        (
            {"calibration": X[:, :0]},
            "x.shape = (2, 0, 6): an empty sequence or batch; pass at least one",
        ),
        (
            {"calibration": X[:0]},
            "x.shape = (0, 3, 6): an empty sequence or batch; pass at least one",
        ),
        (
            {"calibration": X.astype(float)},
            "calibration: x.dtype = 'float64': not float32; pass np.asarr",
        ),
        (
            {"calibration": X.astype(int)},
            "calibration: x.dtype = 'int64': not float32; pass np.asarray",
        ),
        (
            {"calibration": 0 * X},
            "calibration[0] = 0.0: zero everywhere; pass typical inputs of this mod",
        ),
        ({"calibration": X * 1e-38}, "no float32 scale for x; scale the input to a range near 1"),
        (
            {"input_range": (1, -1)},
            "input_range = (1, -1): not a finite range; pass (lowest, highest)",
        ),
        (
            {"input_range": (0, np.inf)},
            "input_range = (0, inf): not a finite range; pass (lowest, highes",
        ),
        ({"input_range": 3}, "input_range = 3: not a finite range; pass (lowest, highest) of x"),
        ({"calibration": X, "input_range": "ab"}, "input_range = 'ab': not a finite range"),
        ({"input_range": (-1e308, 1e308)}, "input_range = (-1e+308, 1e+308): not a finite range"),
    ],
)
def test_calibration(given, text):
    with pytest.raises(
        pl.CalibrationError if "scale the" not in text else pl.CompressionError,
        match=re.escape(text),
    ):
        pl.compress(net(), **given)


def test_calibration_of_several_models():
    two = random_network(np.random.default_rng(2), [(6, 8), (5, 8)])
    for x, text in (
        (X[0], "calibration: x = (3, 6): not one entry for each of 2 models; pass (models, batch"),
        ([X], "calibration: x = 'list': not one entry for each of 2 models"),
        (
            [X, X],
            "calibration: x[1].shape = (2, 3, 6): not what the model takes; pass (batch, time, 5",
        ),
        (
            [X, X[:1, :, :5]],
            "x[1].shape = (1, 3, 5): batch or time differ from x[0]'s; bring it to (2",
        ),
        ([X, 0 * X[..., :5]], "calibration[1] = 0.0: zero everywhere"),
    ):
        with pytest.raises(pl.CalibrationError, match=re.escape(text)):
            pl.compress(two, calibration=x)


def test_steps_that_nobody_takes_are_not_met():
    """Of many packed sequences some are run together that all end before the longest."""
    layer, met = net().layers[0], []
    x = np.random.default_rng(5).uniform(-1, 1, (2, 9, 6)).astype(np.float32)
    zero, lengths = np.zeros((2, 8), np.float32), np.array([2, 4])

    def observe(step, live, h, pre, c):
        met.append((step, len(live)))

    out, h, c = layer.run(x, zero, zero, lengths, observe)
    assert met == [(0, 2), (1, 2), (2, 1), (3, 1)]
    cut = layer.run(x[:, :4], zero, zero, lengths)
    np.testing.assert_array_equal(out[:, :4], cut[0])
    assert not out[:, 4:].any()
    np.testing.assert_array_equal((h, c), cut[1:])
