"""The grid of c of few bits: chosen by tanh(c), the same after training as while training."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm.compression import calibration
from pynq_lstm.compression.block_diagonal import BlockDiagonalOptions, quantise_block_diagonal
from pynq_lstm.compression.block_scales import Elements, calibrated, pruned
from pynq_lstm.compression.calibration import Steps
from pynq_lstm.compression.cell_grid import cell_fraction, on_grid
from pynq_lstm.compression.quantization import cell_fraction_bits
from pynq_lstm.network import Network

HIDDEN = 12


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def counting(rng, models=1):
    """LSTMs whose unit 0 counts up in every step, and whose other cells stay small."""
    net = random_network(rng, [(8, HIDDEN)] * models)
    layers = []
    for layer in net.layers:
        bias = np.array(layer.bias)
        for gate, value in enumerate((8.0, 8.0, 8.0, 2.0)):  # i, f, g, o all open
            bias[gate * HIDDEN] = value
        weights = {name: 0.3 * getattr(layer, name) for name in ("w_ih", "w_hh")}
        for matrix in weights.values():
            matrix[::HIDDEN] = 0
        layers.append(replace(layer, bias=bias, **weights))
    return Network(tuple(layers), net.head)


def error(model, net, x):
    """Of h, against the float network under the masks, without the unit that counts."""
    found, _ = pl.infer(model, x, backend="reference")
    (layer,) = pruned(net, BlockDiagonalOptions()).layers
    zero = np.zeros((len(x), HIDDEN), np.float32)
    true = layer.run(x, zero, zero, np.full(len(x), x.shape[1]))[0]
    return float(((found - true)[..., 1:] ** 2).mean())


@pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")  # of the unit that counts
def test_few_bits_of_c_keep_the_small_cells(rng):
    """Unit 0 passes 30: a grid that holds it has steps of 0.5 where the others are below 1."""
    net = counting(rng)
    x = rng.standard_normal((16, 40, 8)).astype(np.float32)
    model = pl.compress(net, method="block_diagonal", calibration=x, cell_bits=8, weight_bits=8)
    options = BlockDiagonalOptions(cell_bits=8, weight_bits=8)
    scales = calibrated(net, options, [Steps.whole(x)], None, {})
    assert model.cell_fraction_bits == scales.cell_fraction_bits
    ranges = calibration.measure(
        pruned(net, options),
        [Steps.whole(x)],
        None,
        dict.fromkeys(("input", "hidden"), Elements()),
    )
    whole = cell_fraction_bits(ranges.c[0])
    assert ranges.c[0] > 30 and whole == 9 and model.cell_fraction_bits[0] > whole + 2
    held = replace(scales, cell_fraction_bits=(whole,))
    before = quantise_block_diagonal(pruned(net, options), options, held, {})
    assert error(model, net, x) < error(before, net, x) / 20
    share = model.provenance["largest share of c clipped in calibration"]
    assert 0.5 / HIDDEN < share <= 1 / HIDDEN  # unit 0, once it has passed the largest code
    wide = pl.compress(net, method="block_diagonal", calibration=x, weight_bits=8)
    assert wide.cell_fraction_bits == (whole,)
    assert "largest share of c clipped in calibration" not in wide.provenance


def test_models_side_by_side_have_grids_of_their_own(rng):
    net = Network((*counting(rng).layers, *random_network(rng, [(8, HIDDEN)]).layers))
    x = [rng.standard_normal((16, 40, 8)).astype(np.float32) for _ in net.layers]
    for bits in (8, 4):
        options = BlockDiagonalOptions(cell_bits=bits)
        both = calibrated(net, options, list(map(Steps.whole, x)), None, {}).cell_fraction_bits
        alone = [
            calibrated(Network((layer,)), options, [Steps.whole(own)], None, {}).cell_fraction_bits[
                0
            ]
            for layer, own in zip(net.layers, x)
        ]
        assert list(both) == alone


def test_tlq_chooses_the_same_grid(rng):
    net = counting(rng)
    x = rng.uniform(-1, 1, (8, 40, 8)).astype(np.float32)
    found = [
        calibrated(
            net,
            BlockDiagonalOptions(cell_bits=8, quantization=q),
            [Steps.whole(x)],
            None,
            {},
        )
        for q in ("nlq", "tlq")
    ]
    assert found[0].cell_fraction_bits == found[1].cell_fraction_bits


@pytest.mark.parametrize("bits", range(4, 17))
def test_no_other_grid_leaves_less(rng, bits):
    """By hand over all grids; above 8 bits the grid that holds the largest is kept."""
    c = np.concatenate([rng.standard_normal(500), [25.0]]).astype(np.float32)
    whole = cell_fraction_bits(float(np.abs(c).max()))
    chosen = cell_fraction(c, whole, bits, np)
    if bits > 8:
        assert chosen == whole
        return
    errors = {}
    for fraction in range(whole, 15):
        step = 2.0 ** (16 - bits - fraction)
        codes = np.clip(np.rint(c / step), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        errors[fraction] = ((np.tanh(codes * step) - np.tanh(c)) ** 2).sum()
    assert errors[chosen] <= min(errors.values()) * (1 + 1e-5)
    assert np.abs(on_grid(c, chosen, bits, np)).max() <= 2.0 ** (15 - chosen)


def test_zero_cells_have_a_grid():
    assert cell_fraction(np.zeros((3, 2), np.float32), 14, 8, np) == 14


@pytest.mark.torch
@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs torch")
@pytest.mark.parametrize("bits", (4, 6, 8))
def test_training_chooses_the_same(rng, bits):
    import torch

    from pynq_lstm.compression.fine_tuning.ranges import Ranges

    net, options = counting(rng), BlockDiagonalOptions(cell_bits=bits)
    x = rng.standard_normal((8, 40, 8)).astype(np.float32)
    layer = net.layers[0]
    w_ih, w_hh, bias, steps, zero = (
        torch.as_tensor(np.array(v))[None]
        for v in (layer.w_ih, layer.w_hh, layer.bias, x, np.zeros((8, HIDDEN), np.float32))
    )
    ranges = Ranges((options,))
    ranges.run(steps.transpose(1, 2).transpose(0, 1), w_ih, w_hh, bias, zero, zero)
    trained = ranges.scales(w_ih, w_hh, training=False)
    assert (
        trained.cell_fraction_bits
        == calibrated(net, options, [Steps.whole(x)], None, {}).cell_fraction_bits
    )
