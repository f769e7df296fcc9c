"""`compress` with method="block_diagonal": what comes out, what is refused, and how close it is."""

import dataclasses
import re
import warnings

import numpy as np
import pytest
from example_matrices import over_models, random_inputs, random_layer, random_network
from naive_block_diagonal import present

import pynq_lstm as pl
from pynq_lstm import model_file, model_size
from pynq_lstm.compression.block_diagonal import (
    BlockDiagonalOptions,
    BlockScales,
    quantise_block_diagonal,
)
from pynq_lstm.compression.block_scales import pruned
from pynq_lstm.compression.weights import dense_weights, weight_error


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def made(net, x, **options):
    return pl.compress(net, method="block_diagonal", calibration=x, **options)


@pytest.mark.parametrize("weight_bits, operand_bits", ((8, 8), (4, 8), (4, 4), (2, 8)))
@pytest.mark.parametrize("ranks", (2, (4, 8), 16))
def test_weights_are_those_of_the_pruned_network(rng, weight_bits, operand_bits, ranks):
    """Element by element from the formulas of docs/numerics.md, within a step of their column."""
    net = random_network(rng, [(17, 9), (9, 18)])
    model = made(
        net,
        random_inputs(rng, net),
        weight_bits=weight_bits,
        operand_bits=operand_bits,
        block_rank=ranks,
    )
    assert (model.method, model.p_bits, model.weight_bits) == (
        "block_diagonal",
        operand_bits,
        weight_bits,
    )
    pair = ranks if isinstance(ranks, tuple) else (ranks, ranks)
    lost, energy, count = np.zeros(2), np.zeros(2), 0
    for j, layer in enumerate(net.layers):
        scales = (model.x_inverse_scale[j], 128.0)
        sides = zip((model.input, model.hidden), (layer.w_ih, layer.w_hh), scales, strict=True)
        for side, (part, true, scale) in enumerate(sides):
            found = np.zeros(true.shape)
            for e, k in np.ndindex(*true.shape):
                if not present(e % layer.hidden_size, k, pair[side]):
                    continue
                p_per_x = int(part.m[j][k]) / 2.0 ** part.m_shift[j]
                step = p_per_x * 2.0 ** (part.sum_shift[j] - 12 - model.pre_shift[j]) * scale
                found[e, k] = int(part.w[j][e, k]) * step
                # the largest weight of a column loses a whole step, others at most half of one
                assert abs(found[e, k] - true[e, k]) < 1.01 * step
            np.testing.assert_allclose(dense_weights(model, j)[side], found, rtol=1e-12)
            lost[side] += ((found - true) ** 2).sum()
            energy[side] += (true.astype(np.float64) ** 2).sum()
            count += true.size
    error = weight_error(net, model)
    np.testing.assert_allclose(error.mse, lost.sum() / count)
    np.testing.assert_allclose(error.by_part, lost / energy)
    assert model.provenance["weight mse"] == error.mse
    limit = {8: 2e-4, 4: 0.02, 2: 0.5}[weight_bits]
    assert weight_error(pruned(net, BlockDiagonalOptions(block_rank=ranks)), model).relative < limit


@pytest.mark.parametrize(
    "options, limit",
    [
        ({"weight_bits": 8, "operand_bits": 8}, 5e-3),
        ({"weight_bits": 8, "activation_bits": 16}, 3e-3),
        ({"weight_bits": 4}, 0.02),
        ({"weight_bits": 4, "operand_bits": 4}, 0.04),
        ({"weight_bits": 2}, 0.08),
        ({"weight_bits": 8, "gate_bits": 8, "cell_bits": 10}, 0.02),
        ({"weight_bits": 8, "quantization": "tlq"}, 0.2),
    ],
)
def test_unequal_models_run_and_are_close_to_the_pruned_network(rng, options, limit):
    net = random_network(rng, [(20, 16), (5, 4), (3, 10)], classes=4)
    x = random_inputs(rng, net, 4, 12)
    model = made(net, x, **options)
    near = pruned(net, BlockDiagonalOptions(**options))
    with warnings.catch_warnings(), pl.load(model, "reference") as session:
        warnings.simplefilter("ignore", pl.SaturationWarning)
        out = session.infer(x, refinements=7)[0]
        assert session.last_run.refinements == 1
    for found, true in zip(out, near.infer(x)[0], strict=True):
        assert np.sqrt(((found - true) ** 2).mean()) < limit
    layers = pl.compare(near, model, x).layers
    assert max(layer.out.rms for layer in layers) < limit
    if options.get("quantization") == "tlq":  # what leaves [-1, 1) is lost: that is its point
        assert max(layer.out.rms for layer in layers) > 5e-3


def test_more_bits_are_closer(rng):
    net = random_network(rng, [(24, 20)], gain=2.0)
    x = random_inputs(rng, net, 6, 15)
    near = pruned(net, BlockDiagonalOptions())

    def error(**options):
        return pl.compare(near, made(net, x, **options), x).layers[0].out.rms

    assert error(weight_bits=8) < error(weight_bits=4) < error(weight_bits=2)
    assert error(operand_bits=8) < error(operand_bits=6) < error(operand_bits=4)
    assert error(weight_bits=8, gate_bits=8) < error(weight_bits=8, gate_bits=5)
    assert error(weight_bits=8, cell_bits=10) < error(weight_bits=8, cell_bits=6)
    assert error(weight_bits=4) < error(weight_bits=4, quantization="tlq")


def test_a_network_trained_under_the_masks_loses_little(rng):
    net = pruned(random_network(rng, [(24, 20)]), BlockDiagonalOptions())
    model = made(net, random_inputs(rng, net), weight_bits=8)
    assert model.provenance["relative weight error"] < 2e-4


def test_one_way_to_the_integers(rng):
    """The same scales through `quantise_block_diagonal` make the same model."""
    net = random_network(rng, [(24, 20), (7, 5)])
    options = {"block_rank": (2, 4), "gate_bits": 9, "cell_bits": 11, "weight_bits": 4}
    model = made(net, random_inputs(rng, net), **options)
    exponents = []
    for part in (model.input, model.hidden):
        shifts = zip(part.sum_shift, model.pre_shift, strict=True)
        exponents.append(tuple(s - 12 - pre + 3 + 7 for s, pre in shifts))
    scales = BlockScales(model.x_inverse_scale, *exponents, model.cell_fraction_bits)
    again = quantise_block_diagonal(net, BlockDiagonalOptions(**options), scales)
    assert again.with_provenance({}).content_hash == model.with_provenance({}).content_hash
    assert (model.gate_bits, model.cell_bits) == (9, 11)


def test_operands_of_the_calibration_fit(rng):
    for gain in (0.1, 1.0, 3.0):
        net = random_network(rng, [(12, 16), (12, 16)], gain=gain)
        x = random_inputs(rng, net, 8, 12)
        model = made(net, x, weight_bits=8)
        with pl.load(model, "reference") as session:
            session.infer(x)
            saturated = session.last_run.saturated
        assert saturated["p"] <= 0.002 * session.last_run.values["p"] and not saturated["x"]
        for data, part_m, shift, scale in zip(
            over_models(model, x),
            model.input.m,
            model.input.m_shift,
            model.x_inverse_scale,
            strict=True,
        ):
            codes = np.rint(data.reshape(-1, 12) * scale) * part_m / 2.0**shift
            assert np.abs(codes).max() > 32  # at most one bit of the operands lies idle


def test_storage_of_the_papers_network(rng):
    """I = H = 200, p = 4, weights of 4 bits: 1/29 of the float32 weights and two biases."""
    net = random_network(rng, [(200, 200)])
    model = pl.compress(net, method="block_diagonal", input_range=(-1, 1), weight_bits=4)
    stored = model_size.stored_bytes(model)
    assert stored == 40_000 + 800 + 3200
    assert 29 * stored <= 4 * (4 * 200 * 400 + 2 * 800)


@pytest.mark.parametrize("fields", [("w_hh",), ("w_ih", "w_hh", "bias")])
def test_matrices_of_zeros(rng, fields):
    layer = random_layer(rng, 6, 8)
    zeros = {name: np.zeros_like(getattr(layer, name)) for name in fields}
    net = pl.Network((dataclasses.replace(layer, **zeros),))
    x = random_inputs(rng, net)
    model = made(net, x, weight_bits=8)
    assert not model.hidden.w[0].any() and not model.hidden.m[0].any()
    assert weight_error(net, model).by_part[1] == 0
    near = pruned(net, BlockDiagonalOptions())
    with warnings.catch_warnings(), pl.load(model, "reference") as session:
        warnings.simplefilter("ignore", pl.SaturationWarning)  # a clipped operand of a hundred
        assert np.abs(session.infer(x)[0] - near.infer(x)[0]).max() < 0.02


def test_the_same_bytes_each_time(rng):
    net = random_network(rng, [(30, 20), (12, 20)])
    x = random_inputs(rng, net)
    first, second = (model_file.to_bytes(made(net, x)) for _ in range(2))
    assert first == second


def test_calibration_without_data(rng):
    net = random_network(rng, [(6, 8)])
    model = pl.compress(net, method="block_diagonal", input_range=(-1, 1))
    found = model.provenance
    assert (found["method"], found["calibration"], found["quantization"]) == (
        "block_diagonal",
        "noise",
        "nlq",
    )
    with pytest.raises(pl.CalibrationError, match="calibration = None: no data"):
        pl.compress(net, method="block_diagonal")


@pytest.mark.parametrize(
    "options, text",
    [
        ({"block_rank": 3}, "block_rank = 3: not supported; choose from [2, 4, 8, 16]"),
        ({"block_rank": 1}, "block_rank = 1: not supported; choose from [2, 4, 8, 16]"),
        ({"block_rank": (4, 5)}, "block_rank = 5: not supported; choose from [2, 4, 8, 16]"),
        ({"block_rank": (4, 4, 4)}, "block_rank = (4, 4, 4): neither a number nor a pair; pass"),
        ({"block_rank": None}, "block_rank = None: not supported"),
        ({"weight_bits": 3}, "weight_bits = 3: not supported; choose from [2, 4, 8]"),
        ({"weight_bits": True}, "weight_bits = True: not supported; choose from [2, 4, 8]"),
        ({"operand_bits": 16}, "operand_bits = 16: not supported; choose from [4, 6, 8]"),
        ({"operand_bits": 8.0}, "operand_bits = 8.0: not supported; choose from [4, 6, 8]"),
        ({"activation_bits": 4}, "activation_bits = 4: not supported; choose from [8, 16]"),
        ({"gate_bits": 3}, "gate_bits = 3: not supported; choose from [4, 5, 6"),
        ({"cell_bits": 17}, "cell_bits = 17: not supported; choose from [4, 5, 6"),
        (
            {"quantization": "log"},
            "quantization = 'log': not supported; choose from ['nlq', 'tlq']",
        ),
        ({"quantization": ["nlq"]}, "quantization = ['nlq']: not supported; choose"),
        (
            {"refinements": 4},
            "refinements = 4: no option of method 'block_diagonal'; choose from ['block_rank', 'w",
        ),
        ({"p_bits": 8}, "p_bits = 8: no option of method 'block_diagonal'; choose from"),
    ],
)
def test_options(options, text):
    net = random_network(np.random.default_rng(0), [(3, 4)])
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        made(net, np.ones((2, 3, 3), np.float32), **options)


def test_options_are_frozen():
    options = BlockDiagonalOptions()
    assert dataclasses.astuple(options) == (4, 4, 8, "nlq", 16, 16, 8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.block_rank = 2
