"""Random chains of layers in every format, against a naive run of what Keras computes."""

import numpy as np
import pytest
from keras_files import FORMATS, both, config_of, dense, lstm, plain, run, write

import pynq_lstm as pl

pytestmark = pytest.mark.filterwarnings("ignore:this file holds weights only")


def random_chain(rng, backwards):
    """Layers, and whether the last one gives every step."""
    size, layers, inputs = int(rng.integers(1, 6)), [], 3
    turned = False
    for _ in range(rng.integers(1, 5)):
        size = size if rng.random() < 0.6 else int(rng.integers(1, 6))
        bias = bool(rng.random() < 0.8)
        if rng.random() < 0.4 and not turned:
            layers.append(both(rng, inputs, size, bias=bias))
            inputs = 2 * size
        else:
            back = backwards and bool(rng.random() < 0.4)
            turned ^= back
            layers.append(lstm(rng, inputs, size, bias=bias, go_backwards=back))
            inputs = size
        if rng.random() < 0.3:
            layers.append(plain(str(rng.choice(["Dropout", "SpatialDropout1D"])), rate=0.5))
    last = [layer for layer in layers if layer["weights"]][-1]
    config = last["config"].get("layer", last)["config"]
    config["return_sequences"] = every_step = bool(rng.random() < 0.5)
    layers.append(dense(rng, inputs, 3, bias=bool(rng.random() < 0.8), distributed=every_step))
    return layers, every_step, turned


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("seed", range(20))
def test_random_chain(tmp_path, ending, seed):
    rng = np.random.default_rng(seed)
    layers, every_step, turned = random_chain(rng, backwards=ending != ".weights.h5")
    # weights alone do not tell where a Bidirectional layer stands whose neighbours fit either way
    kinds = {layer["class_name"] for layer in layers if layer["weights"]}
    if ending == ".weights.h5" and {"LSTM", "Bidirectional"} <= kinds:
        layers = [layer for layer in layers if layer["class_name"] == "LSTM"][:1] + layers[-1:]
        layers[0]["config"]["return_sequences"] = every_step
        layers[1] = dense(rng, layers[0]["config"]["units"], 3, distributed=every_step)
        layers[0]["weights"][0] = rng.uniform(-1, 1, (3, 4 * layers[0]["config"]["units"]))
    config = config_of(layers, functional=bool(rng.random() < 0.5))
    net = pl.Network.from_keras(write(tmp_path / f"net{ending}", layers, config))
    x = rng.standard_normal((2, 6, 3)).astype(np.float32)
    found, expected = net.infer_logits(x, every_step=every_step), run(layers, x)
    if turned and every_step:  # here steps are always in the order of time
        expected = expected[:, ::-1]
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


def test_layers_of_one_size_make_one_model(tmp_path):
    rng = np.random.default_rng(0)
    layers = [both(rng, 3, 4), both(rng, 8, 4), lstm(rng, 8, 4), lstm(rng, 4, 4), lstm(rng, 4, 2)]
    net = pl.Network.from_keras(write(tmp_path / "net.keras", layers))
    assert net.stacks == (pl.Stack(2, True), pl.Stack(2), pl.Stack())
    assert net.wiring.to_dict() == {"m0": "x0", "m1": "m0", "m2": "m1"}
    assert net.head is None


def test_gates_are_in_the_order_of_this_package(tmp_path):
    """Keras has i, f, c, o, as nn.LSTM has i, f, g, o: a layer's columns are rows here."""
    layer = lstm(np.random.default_rng(0), 3, 4)
    (ours,) = pl.Network.from_keras(write(tmp_path / "net.keras", [layer])).layers
    for array, theirs in zip((ours.w_ih, ours.w_hh, ours.bias), layer["weights"]):
        np.testing.assert_array_equal(array, theirs.T)


def test_the_order_of_two_classes_in_a_file_of_weights(tmp_path):
    rng = np.random.default_rng(0)
    layers = [lstm(rng, 3, 4), both(rng, 4, 5), lstm(rng, 10, 2), both(rng, 2, 7)]
    x = rng.standard_normal((2, 6, 3)).astype(np.float32)
    net = pl.Network.from_keras(write(tmp_path / "net.weights.h5", layers))
    np.testing.assert_allclose(net.infer(x)[0][-1], run(layers, x), atol=1e-5)
    for unclear, text in (
        ([lstm(rng, 4, 4), both(rng, 4, 2)], "more than one order fits their sizes"),
        ([lstm(rng, 3, 4), both(rng, 5, 2)], "no order fits their sizes"),
    ):
        with pytest.raises(pl.NetworkError, match=f"layers = '1 LSTM, 1 Bid.*: {text}; save the"):
            pl.Network.from_keras(write(tmp_path / "unclear.weights.h5", unclear))


def test_the_numbers_of_a_class_are_numbers(tmp_path):
    """lstm_10 comes after lstm_9."""
    rng = np.random.default_rng(0)
    layers = [lstm(rng, 2, 2) for _ in range(12)]
    net = pl.Network.from_keras(write(tmp_path / "net.weights.h5", layers))
    for layer, theirs in zip(net.layers, layers, strict=True):
        np.testing.assert_array_equal(layer.bias, theirs["weights"][2])


def test_what_is_left_out_or_assumed_is_said(tmp_path):
    rng = np.random.default_rng(0)
    layers = [plain("Masking", mask_value=0.0), lstm(rng, 3, 4)]
    with pytest.warns(UserWarning, match="layer 'masking_3' is left out: give infer .* lengths="):
        pl.Network.from_keras(write(tmp_path / "net.keras", layers))
    with pytest.warns(UserWarning, match="weights only: LSTMs are taken to go forward") as caught:
        pl.Network.from_keras(write(tmp_path / "net.weights.h5", layers[1:]))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("dtype", (np.float16, np.float64))
def test_other_precisions(tmp_path, dtype):
    layer = lstm(np.random.default_rng(0), 3, 4)
    layer["weights"] = [a.astype(dtype) for a in layer["weights"]]
    (ours,) = pl.Network.from_keras(write(tmp_path / "net.keras", [layer])).layers
    np.testing.assert_array_equal(ours.w_ih, layer["weights"][0].T.astype(np.float32))
