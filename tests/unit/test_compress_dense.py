"""`compress` with method="dense": codes, scales, grids, what is refused, and how close it is."""

import dataclasses
import re

import numpy as np
import pytest
from example_matrices import over_models, random_inputs, random_layer, random_network

import pynq_lstm as pl
from pynq_lstm import model_file, overflow
from pynq_lstm.compression.dense import DenseOptions
from pynq_lstm.compression.weights import dense_weights, weight_error


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def made(net, x, **options):
    return pl.compress(net, method="dense", calibration=x, **options)


@pytest.mark.parametrize("weight_bits", (8, 4))
@pytest.mark.parametrize("activation_bits", (8, 16))
def test_weights_are_those_of_the_network(rng, weight_bits, activation_bits):
    """Element by element from the formulas of docs/numerics.md, within a code of w."""
    net = random_network(rng, [(7, 9), (9, 6)])
    model = made(
        net, random_inputs(rng, net), weight_bits=weight_bits, activation_bits=activation_bits
    )
    assert (model.method, model.p_bits, model.weight_bits) == ("dense", 16, weight_bits)
    assert model.activation_bits == activation_bits
    lost, energy, count = np.zeros(2), np.zeros(2), 0
    for j, layer in enumerate(net.layers):
        scales = (model.x_inverse_scale[j], 2.0 ** (activation_bits - 1))
        sides = zip((model.input, model.hidden), (layer.w_ih, layer.w_hh), scales, strict=True)
        for side, (part, true, scale) in enumerate(sides):
            found = np.zeros(true.shape)
            for e, row in enumerate(part.w[j]):
                p_per_d = int(part.s[j][e]) / 2.0 ** part.s_shift[j]
                step = p_per_d / 2.0 ** (12 + model.pre_shift[j]) * scale
                found[e] = [int(code) * step for code in row]
                assert np.abs(row.astype(int)).max() == 2 ** (weight_bits - 1) - 1
                if weight_bits == 8:  # at 4 bits the largest weights may be clipped
                    assert np.abs(found[e] - true[e]).max() < step
            np.testing.assert_allclose(dense_weights(model, j)[side], found, rtol=1e-12)
            lost[side] += ((found - true) ** 2).sum()
            energy[side] += (true.astype(np.float64) ** 2).sum()
            count += true.size
    error = weight_error(net, model)
    np.testing.assert_allclose(error.mse, lost.sum() / count)
    np.testing.assert_allclose(error.relative, lost.sum() / energy.sum())
    np.testing.assert_allclose(error.by_part, lost / energy)
    assert model.provenance["weight mse"] == error.mse
    assert model.provenance["relative weight error"] == error.relative
    assert error.relative < {8: 1e-4, 4: 0.02}[weight_bits]


@pytest.mark.parametrize(
    "activation_bits, weight_bits, limit", [(16, 8, 1e-3), (8, 8, 4e-3), (8, 4, 0.02)]
)
def test_unequal_models_run_and_are_close(rng, activation_bits, weight_bits, limit):
    net = random_network(rng, [(20, 16), (5, 4), (3, 10)], classes=4)
    x = random_inputs(rng, net, 4, 12)
    model = made(net, x, activation_bits=activation_bits, weight_bits=weight_bits)
    assert [w.shape for w in model.input.w] == [(64, 20), (16, 5), (40, 3)]
    with pl.load(model, "reference") as session:
        out = session.infer(x, refinements=7)[0]
        report = session.last_run
        assert report.refinements == 1 and not any(report.saturated.values())
        error = np.abs(session.infer_logits(x) - net.infer_logits(x)).max()
    assert error < 10 * limit < np.abs(net.infer_logits(x)).max()
    for found, true in zip(out, net.infer(x)[0], strict=True):
        assert np.sqrt(((found - true) ** 2).mean()) < limit
    layers = pl.compare(net, model, x).layers
    assert all(layer.out.rms < limit for layer in layers)


def test_the_largest_p_keeps_a_quarter_to_spare(rng):
    """On the float network's run over the calibration data; on half the grid it would, too."""
    for gain in (0.1, 1.0, 3.0):
        net = random_network(rng, [(12, 16), (12, 16)], gain=gain)
        x = random_inputs(rng, net, 16, 20)
        model = made(net, x)
        for j, (layer, data) in enumerate(zip(net.layers, over_models(model, x), strict=True)):
            h = []
            zero = np.zeros((len(data), layer.hidden_size), np.float32)
            steps = np.full(len(data), data.shape[1])
            layer.run(data, zero, zero, steps, lambda t, live, before, *_, h=h: h.append(before))
            h = np.concatenate(h)
            w_ih, w_hh = dense_weights(model, j)
            p = [np.abs(v @ w.T).max() for v, w in ((data.reshape(-1, 12), w_ih), (h, w_hh))]
            largest = max(p) * 2.0 ** (12 + model.pre_shift[j])
            assert 32767 / 1.25 / 2 < largest <= 32767 / 1.25 * 1.0001


def test_scalars_use_their_bits(rng):
    net = random_network(rng, [(12, 16), (7, 5)])
    model = made(net, random_inputs(rng, net))
    for part in (model.input, model.hidden):
        assert all(16384 <= s.max() <= 32767 and s.min() > 0 for s in part.s)


def test_long_rows_are_halved_for_wide_activations(rng):
    layer = random_layer(rng, 600, 4)
    w_ih = layer.w_ih.copy()
    w_ih[3] = 0.01
    net = pl.Network((dataclasses.replace(layer, w_ih=w_ih),))
    x = random_inputs(rng, net)
    narrow, wide = (made(net, x, activation_bits=bits) for bits in (8, 16))
    name = "input rows with a halved grid of w"
    assert wide.provenance[name] == 1 and name not in narrow.provenance
    assert set(wide.input.w[0][3]) == {63} and set(narrow.input.w[0][3]) == {127}
    assert overflow.dot_bound(wide.input, 16) <= overflow.INT32_MAX
    np.testing.assert_allclose(dense_weights(wide, 0)[0][3], 0.01, rtol=1e-3)


def test_a_large_bias_coarsens_the_grid_and_says_so(rng):
    net = random_network(rng, [(6, 8)])
    layer = net.layers[0]
    biased = pl.Network((dataclasses.replace(layer, bias=layer.bias + np.float32(2e6)),))
    x = random_inputs(rng, net)
    free, held = made(net, x), made(biased, x)
    name = "p coarsened by powers of two"
    assert name not in free.provenance
    assert held.provenance[name] == free.pre_shift[0] - held.pre_shift[0] > 0
    beyond = pl.Network((dataclasses.replace(layer, bias=layer.bias + np.float32(1e10)),))
    with pytest.raises(pl.CompressionError, match=r"layers\[0\]\.bias = 1.*too large for 32 bits"):
        made(beyond, x)


@pytest.mark.parametrize("fields", [("w_hh",), ("w_ih", "w_hh", "bias")])
def test_matrices_of_zeros_are_kept_exactly(rng, fields):
    """SVD finds no component of zeros; dense codes hold them."""
    layer = random_layer(rng, 6, 8)
    zeros = {name: np.zeros_like(getattr(layer, name)) for name in fields}
    net = pl.Network((dataclasses.replace(layer, **zeros),))
    x = random_inputs(rng, net)
    model = made(net, x)
    assert not model.hidden.w[0].any() and not model.hidden.s[0].any()
    error = weight_error(net, model)
    assert error.by_part[1] == 0 and error.relative == (0 if len(fields) == 3 else error.by_part[0])
    with pl.load(model, "reference") as session:
        assert np.abs(session.infer(x)[0] - net.infer(x)[0]).max() < 0.02


def test_the_same_bytes_each_time(rng):
    net = random_network(rng, [(30, 20), (12, 20)])
    x = random_inputs(rng, net)
    first, second = (model_file.to_bytes(made(net, x)) for _ in range(2))
    assert first == second


def test_calibration_without_data(rng):
    net = random_network(rng, [(6, 8)])
    model = pl.compress(net, method="dense", input_range=(-1, 1))
    assert (model.provenance["method"], model.provenance["calibration"]) == ("dense", "noise")
    with pytest.raises(pl.CalibrationError, match="calibration = None: no data"):
        pl.compress(net, method="dense")


def test_progress_bar(rng, capsys):
    net = random_network(rng, [(6, 8)])
    for progress, wanted in ((True, True), (None, False), (False, False)):  # stderr is no terminal
        pl.compress(net, method="dense", input_range=(-1, 1), progress=progress)
        assert ("compress" in capsys.readouterr().err) == wanted


@pytest.mark.parametrize(
    "options, text",
    [
        ({"weight_bits": 6}, "weight_bits = 6: not supported; choose from [4, 8]"),
        ({"weight_bits": True}, "weight_bits = True: not supported; choose from [4, 8]"),
        ({"activation_bits": 8.0}, "activation_bits = 8.0: not supported; choose from [8, 16]"),
        (
            {"refinements": 4},
            "refinements = 4: no option of method 'dense'; choose from ['weight_bits', 'activation",
        ),
        ({"p_bits": 10}, "p_bits = 10: no option of method 'dense'; choose from ['weight_bits'"),
    ],
)
def test_options(options, text):
    net = random_network(np.random.default_rng(0), [(3, 4)])
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        made(net, np.ones((2, 3, 3), np.float32), **options)


@pytest.mark.parametrize("method", ("", 1, ["dense"], "DENSE"))
def test_a_method_that_is_none(method):
    net = random_network(np.random.default_rng(0), [(3, 4)])
    text = rf"method = {re.escape(repr(method))}: unknown; choose from \['svd', 'dense', 'block_d"
    with pytest.raises(pl.CompressionError, match=text):
        pl.compress(net, method=method, input_range=(-1, 1))


def test_options_are_frozen():
    options = DenseOptions()
    assert (options.weight_bits, options.activation_bits) == (8, 8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.weight_bits = 4
