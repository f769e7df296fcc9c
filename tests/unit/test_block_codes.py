"""Codes, grids and scales of block-diagonal models, number by number from the paper's equations."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from example_matrices import random_inputs, random_layer, random_network
from naive_block_diagonal import present

import pynq_lstm as pl
from pynq_lstm.compression.block_diagonal import (
    BlockDiagonalOptions,
    BlockScales,
    block_codes,
    quantise_block_diagonal,
)
from pynq_lstm.compression.block_scales import calibrated, pruned
from pynq_lstm.compression.calibration import Steps


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def half_even(value):
    """rint of an exact number."""
    return round(value)  # Python's rounds half to even too


@pytest.mark.parametrize("rank", (2, 4, 8, 16))
@pytest.mark.parametrize("bits", (2, 4, 8))
@pytest.mark.parametrize("normalised", (True, False))
def test_codes_are_those_of_the_equations(rng, rank, bits, normalised):
    hidden, columns = 9, 21
    w = rng.standard_normal((4 * hidden, columns)).astype(np.float32)
    w[:, 4] = 0
    w[:, 5] *= 1e-30
    w[3, 6] = w[3, 6] * 50
    codes, scale = block_codes(w, rank, bits, normalised)
    assert codes.dtype == np.int8 and scale.dtype == np.float64
    delta = Fraction(1, 2 ** (bits - 1))
    for k in range(columns):
        rows = [e for e in range(4 * hidden) if present(e % hidden, k, rank)]
        largest = max((abs(Fraction(float(w[e, k]))) for e in rows), default=0)
        divisor = (largest if normalised else 1) or 1
        wanted = np.zeros(4 * hidden, int)
        for e in rows:
            normal = Fraction(float(w[e, k])) / divisor  # eq. (9)
            step = Fraction(half_even(2 ** (bits - 1) * normal), 2 ** (bits - 1))  # eq. (10)
            clipped = max(min(1 - delta, step), -1 + delta)  # eq. (11)
            wanted[e] = int(clipped * 2 ** (bits - 1))
        assert codes[:, k].tolist() == wanted.tolist()
        assert scale[k] == (divisor if wanted.any() else 0)
    assert scale[4] == 0
    assert scale[5] == (0 if not normalised else np.abs(w[:, 5][codes[:, 5] != 0]).max())


def test_what_the_mask_drops_is_not_looked_at(rng):
    net = random_network(rng, [(13, 10)])
    options = BlockDiagonalOptions(block_rank=4)
    scales = BlockScales((100.0,), (1,), (0,), (12,))
    layer = net.layers[0]
    kept = pruned(net, options).layers[0]
    other = [np.where(a == 0, 1e6, a).astype(np.float32) for a in (kept.w_ih, kept.w_hh)]
    other = pl.Network((pl.Layer(*other, layer.bias),))
    first, second = (quantise_block_diagonal(n, options, scales) for n in (net, other))
    assert first.content_hash == second.content_hash


@pytest.mark.parametrize("activation_bits", (8, 16))
@pytest.mark.parametrize("weight_bits, operand_bits", ((2, 4), (4, 6), (4, 8), (8, 8)))
def test_grids_hold_what_was_asked_for(rng, weight_bits, operand_bits, activation_bits):
    """One code of x times m is so many steps of the operand; w p has its weight in pre."""
    net = random_network(rng, [(13, 10), (5, 7)])
    options = BlockDiagonalOptions(
        block_rank=(2, 4),
        weight_bits=weight_bits,
        operand_bits=operand_bits,
        activation_bits=activation_bits,
    )
    scales = BlockScales((100.0, 31.5), (1, 3), (0, -2), (12, 9))
    model = quantise_block_diagonal(net, options, scales, {"made by": "a test"})
    assert dict(model.provenance) == {"made by": "a test", "quantization": "nlq"}
    assert (model.x_inverse_scale, model.cell_fraction_bits) == ((100.0, 31.5), (12, 9))
    assert (model.input.rank, model.hidden.rank) == (2, 4)
    for j, layer in enumerate(net.layers):
        for part, matrix, unit, exponents in (
            (model.input, layer.w_ih, scales.x_inverse_scale[j], scales.input_exponent),
            (model.hidden, layer.w_hh, 2.0 ** (activation_bits - 1), scales.hidden_exponent),
        ):
            codes, scale = block_codes(matrix, part.rank, weight_bits)
            np.testing.assert_array_equal(part.w[j], codes)
            step = 2.0 ** (exponents[j] - operand_bits + 1)
            found = part.m[j] / 2.0 ** part.m_shift[j]
            half = 0.5 / 2.0 ** part.m_shift[j]
            np.testing.assert_allclose(found, scale / unit / step, rtol=0, atol=1.001 * half)
            assert 32768 <= part.m[j].max() <= 65535
            weight = 2.0 ** (part.sum_shift[j] - 12 - model.pre_shift[j])
            assert weight == step / 2 ** (weight_bits - 1)
        bias = model.bias[j] / 2.0 ** (12 + model.pre_shift[j])
        np.testing.assert_allclose(bias, layer.bias, rtol=0, atol=2.0**-17)


@pytest.mark.parametrize("activation_bits", (8, 16))
def test_traditional_quantization_confines_weights_and_activations(rng, activation_bits):
    """[-1 + D, 1 - D] for both, whatever the calibration met; no scales anywhere."""
    net = random_network(rng, [(13, 10)], gain=6.0)
    options = BlockDiagonalOptions(quantization="tlq", activation_bits=activation_bits)
    x = [5 * random_inputs(rng, net)]
    scales = calibrated(net, options, list(map(Steps.whole, x)), None, {})
    one = 2.0 ** (activation_bits - 1)
    assert (scales.x_inverse_scale, scales.input_exponent) == ((one,), (0,))
    model = quantise_block_diagonal(net, options, scales)
    for part, matrix in ((model.input, net.layers[0].w_ih), (model.hidden, net.layers[0].w_hh)):
        kept = part.w[0] != 0
        true = np.clip(np.rint(8 * matrix[kept].astype(np.float64)), -7, 7)
        np.testing.assert_array_equal(part.w[0][kept], true)
        assert np.abs(matrix[kept]).max() > 1 > 7 / 8
        # an operand is x as it is, in 8 bits
        used = part.w[0].any(axis=0)
        assert set(part.m[0][used] / 2.0 ** part.m_shift[0]) == {2.0 ** (8 - activation_bits)}
    assert model.provenance["quantization"] == "tlq"
    with pl.load(model, "reference") as session, pytest.warns(pl.SaturationWarning, match="of x"):
        session.infer(x[0])


def test_columns_of_zeros_have_no_multiplier(rng):
    layer = random_layer(rng, 9, 8)
    w_ih = layer.w_ih.copy()
    w_ih[:, 2] = 0
    for quantization in ("nlq", "tlq"):
        options = BlockDiagonalOptions(quantization=quantization, block_rank=2)
        net = pl.Network((dataclasses.replace(layer, w_ih=w_ih),))
        scales = BlockScales((100.0,), (0,), (0,), (12,))
        model = quantise_block_diagonal(net, options, scales)
        assert (model.input.m[0] == 0).tolist() == [k == 2 for k in range(9)]
        nothing = dataclasses.replace(layer, w_ih=0 * w_ih, w_hh=0 * layer.w_hh)
        model = quantise_block_diagonal(pl.Network((nothing,)), options, scales)
        assert not any(a.any() for p in (model.input, model.hidden) for a in p.w + p.m)


@pytest.mark.parametrize(
    "changes, text",
    (
        (
            {"x_inverse_scale": (1.0, 1.0)},
            r"x_inverse_scale = \(1\.0, 1\.0\): not one number for each of 1",
        ),
        (
            {"x_inverse_scale": (0.0,)},
            r"x_inverse_scale\[0\] = 0\.0: not finite and positive in float",
        ),
        ({"x_inverse_scale": (float("nan"),)}, r"x_inverse_scale\[0\] = nan: not finite"),
        (
            {"input_exponent": ()},
            r"input_exponent = \(\): not one number for each of 1 models; pass",
        ),
        ({"hidden_exponent": [0]}, r"hidden_exponent = \[0\]: not one number"),
        ({"hidden_exponent": (0.5,)}, r"hidden_exponent\[0\] = 0\.5: no such number"),
        ({"cell_fraction_bits": (True,)}, r"cell_fraction_bits\[0\] = True: no such number"),
    ),
)
def test_scales_of_another_network_are_refused(rng, changes, text):
    net = random_network(rng, [(9, 8)])
    scales = dataclasses.replace(BlockScales((100.0,), (0,), (0,), (12,)), **changes)
    with pytest.raises(pl.CompressionError, match=text):
        quantise_block_diagonal(net, BlockDiagonalOptions(), scales)


@pytest.mark.parametrize("low, high", ((0, 16), (-40, 0), (0, 21)))
def test_exponents_that_the_shifts_do_not_hold_are_raised_and_said(rng, low, high):
    net = random_network(rng, [(9, 8)])
    options = BlockDiagonalOptions()
    model = quantise_block_diagonal(net, options, BlockScales((100.0,), (low,), (high,), (12,)), {})
    step = 12 + model.pre_shift[0] - 3 - 7
    used = model.input.sum_shift[0] - step, model.hidden.sum_shift[0] - step
    assert used[1] == high and used[0] > low
    assert model.provenance["operands coarsened by powers of two"] == used[0] - low
    found = model.input.m[0].max() / 2.0 ** model.input.m_shift[0]
    scale = block_codes(net.layers[0].w_ih, 4, 4).scale.max()
    np.testing.assert_allclose(found, scale / 100 * 2.0 ** (7 - used[0]), rtol=1e-2)


@pytest.mark.parametrize("unit, wanted", ((2.0**-5, 4), (2.0**-5 * 1.01, 4), (2.0**-5 * 0.99, 5)))
def test_one_code_of_x_is_at_most_the_whole_range_of_an_operand(rng, unit, wanted):
    """A finer grid than that, of activations that were all tiny, would have no multipliers."""
    layer = random_layer(rng, 9, 8)
    w_ih = np.clip(layer.w_ih, -0.5, 0.5)
    w_ih[:, 3] = 0.5
    net = pl.Network((dataclasses.replace(layer, w_ih=w_ih),))
    scales = BlockScales((unit,), (-20,), (0,), (12,))
    model = quantise_block_diagonal(net, BlockDiagonalOptions(), scales)
    assert model.provenance["operands coarsened by powers of two"] == 20 + wanted
    found = model.input.m[0].max() / 2.0 ** model.input.m_shift[0]
    np.testing.assert_allclose(found, 0.5 / unit * 2.0 ** (7 - wanted), rtol=1e-4)
    assert 64 < found <= 128


def test_activations_too_large_for_any_grid_are_refused(rng):
    net = random_network(rng, [(9, 8)])
    scales = BlockScales((100.0,), (0,), (22,), (12,))
    text = r"layers\[0\] = \{'input': 1\.0, 'hidden': 4194304\.0.*too large for 32 bits"
    with pytest.raises(pl.CompressionError, match=text):
        quantise_block_diagonal(net, BlockDiagonalOptions(), scales)


def test_a_bias_at_the_limit_coarsens_and_beyond_is_refused(rng):
    net = random_network(rng, [(9, 8)])
    layer, options = net.layers[0], BlockDiagonalOptions()
    scales = BlockScales((100.0,), (0,), (0,), (12,))

    def biased(value):
        changed = dataclasses.replace(layer, bias=layer.bias + np.float32(value))
        return quantise_block_diagonal(pl.Network((changed,)), options, scales)

    assert biased(0).pre_shift == (4,)
    full = dataclasses.replace(layer, bias=np.full(32, 32767.998, np.float32))
    full = quantise_block_diagonal(pl.Network((full,)), options, scales)
    assert full.pre_shift == (3,) and full.bias[0][0] == 32767.998046875 * 2**15  # 16 left no room
    assert -8 <= biased(2e6).pre_shift[0] < 0
    with pytest.raises(pl.CompressionError, match=r"layers\[0\] = .*bias.*too large for 32 bits"):
        biased(1e9)


@pytest.mark.parametrize("operand_bits", (4, 6, 8))
def test_the_exponent_leaves_the_least_error(rng, operand_bits):
    """Among the grid that holds the largest operand and three finer ones."""
    net = random_network(rng, [(12, 10)])
    options = BlockDiagonalOptions(operand_bits=operand_bits, weight_bits=8)
    for spike in (0, 9):
        x = random_inputs(rng, net, 8, 20)
        x[0, 0] *= 1 + spike
        notes = {}
        scales = calibrated(net, options, [Steps.whole(x)], None, notes)
        codes, scale = block_codes(net.layers[0].w_ih, 4, 8)
        operands = x.reshape(-1, 12) * scale
        top = 2 ** (operand_bits - 1) - 1
        errors = {}
        for exponent in range(-12, 8):
            step = 2.0 ** (exponent - operand_bits + 1)
            lost = np.clip(np.rint(operands / step), -top - 1, top) * step - operands
            errors[exponent] = (lost**2).mean(axis=0) @ (codes.astype(float) ** 2).sum(axis=0)
        assert scales.input_exponent[0] == min(errors, key=errors.get)
        if spike and operand_bits == 4:  # most operands gain a bit, the spike loses its top
            assert 0 < notes["largest share of operands clipped in calibration"] < 0.1


def test_calibration_is_of_the_pruned_network(rng):
    net = random_network(rng, [(12, 10)], gain=3.0)
    options = BlockDiagonalOptions(block_rank=8)
    x = [random_inputs(rng, net, 8, 20)]
    own = calibrated(pruned(net, options), options, list(map(Steps.whole, x)), None, {})
    assert calibrated(net, options, list(map(Steps.whole, x)), None, {}) == own
