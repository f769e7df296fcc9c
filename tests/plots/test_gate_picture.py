"""The heat map of a gate is the difference of the weights, for every method."""

import numpy as np
import pytest
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.compression.weights import dense_weights

SIZES = [(6, 8), (6, 8)]


@pytest.fixture(scope="module")
def network():
    return random_network(np.random.default_rng(0), SIZES)


def compressed(network, method):
    options = {"svd": {"refinements": 3}, "block_diagonal": {"block_rank": 2}, "dense": {}}[method]
    return pl.compress(network, method=method, input_range=(-1, 1), **options)


@pytest.mark.parametrize("method", ["svd", "block_diagonal", "dense"])
@pytest.mark.parametrize("gate, part, lstm", [("i", "input", 0), ("g", "hidden", 1)])
def test_pixels_are_the_errors(network, method, gate, part, lstm):
    model = compressed(network, method)
    ax = plots.gate_errors(network, model, gate, part, lstm)
    (image,) = ax.get_images()
    first = 8 * "ifgo".index(gate)
    true = (network.layers[lstm].w_ih, network.layers[lstm].w_hh)[part == "hidden"]
    found = dense_weights(model, lstm)[part == "hidden"]
    expected = np.abs(found - true)[first : first + 8]
    np.testing.assert_allclose(image.get_array(), expected, rtol=1e-5, atol=1e-7)
    assert image.get_array().shape == (8, 8 if part == "hidden" else 6)
    assert expected.max() > 0 and image.get_clim()[0] == 0
    assert f"gate {gate}, {part} part, LSTM {lstm}" in ax.get_title()
    assert [other.get_ylabel() for other in ax.figure.axes if other is not ax] == ["|W − W'|"]


def test_title_tells_the_relative_error(network):
    model = compressed(network, "svd")
    ax = plots.gate_errors(network, model, "o", "hidden")
    true = np.split(network.layers[0].w_hh, 4)[3]
    error = ax.get_images()[0].get_array()
    told = float(ax.get_title().split(": ")[1].split(" %")[0])
    assert told == pytest.approx(100 * np.sqrt((error**2).sum() / (true**2).sum()), rel=5e-3)


def test_fewer_refinements_err_more(network):
    model = compressed(network, "svd")
    few, all_of_them = (
        np.asarray(
            plots.gate_errors(network, model, "f", "hidden", refinements=k)
            .get_images()[0]
            .get_array()
        )
        for k in (1, 3)
    )
    assert (few**2).sum() > (all_of_them**2).sum()


@pytest.mark.parametrize(
    "gate, part, lstm, told",
    [
        ("c", "input", 0, "gate = 'c': not known; pass one of i, f, g, o"),
        ("i", "output", 0, "part = 'output': not known; pass one of input, hidden"),
        ("i", "input", 2, "lstm = 2: not known; pass one of 0, 1"),
        ("i", "input", True, "lstm = True"),
    ],
)
def test_refusals(network, gate, part, lstm, told):
    with pytest.raises(pl.InputError, match=told):
        plots.gate_errors(network, compressed(network, "dense"), gate, part, lstm)


def test_a_model_of_another_network_is_refused(network):
    other = random_network(np.random.default_rng(0), [(6, 4), (6, 4)])
    with pytest.raises(pl.InputError, match="pass a model of this network"):
        plots.gate_errors(network, compressed(other, "dense"), "i", "input")
