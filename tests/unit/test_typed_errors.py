"""Arguments of a wrong kind end in an error of this package, not in one of NumPy or Python."""

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.importers import state_dict


@pytest.fixture(scope="module")
def network():
    return random_network(np.random.default_rng(0), [(3, 4)])


@pytest.fixture(scope="module")
def session(network):
    model = pl.compress(network, input_range=(-1, 1), refinements=2)
    with pl.load(model, "reference") as session:
        yield session


ONE = np.ones((1, 1), np.float32)


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: pl.Network([ONE]), "layers = .*: not a list of Layer"),
        (  # old NumPy makes an array of objects of it
            lambda: pl.Layer([[1.0], [1.0, 2.0]], np.ones((4, 1)), np.ones(4)),
            r"w_ih(\.shape)? = .*: not (an array|\(4 \* hidden)",
        ),
        (
            lambda: pl.Layer(np.ones((4, 1)), np.ones((4, 1)), "abcd"),
            "bias.dtype = .*: not floating",
        ),
        (lambda: pl.Network.from_torch(3), "modules = 'int': not an nn.LSTM or a list"),
        (lambda: state_dict.network({}), r"tensors = \[\]: no weight_ih_l0"),
        (
            lambda: state_dict.network({"weight_ih_l0": ONE[0, 0], "weight_hh_l0": ONE[0, 0]}),
            r"w_hh.shape = \(1,\): not \(4 \* hidden, hidden\)",
        ),
    ],
)
def test_networks(make, text):
    with pytest.raises(pl.NetworkError, match=text):
        make()


def test_head_of_another_kind(network):
    with pytest.raises(pl.NetworkError, match=r"head = 'int': not a Head; make one with Head\("):
        pl.Network(network.layers, 3)


def test_too_many_models_are_refused_before_any_work(network):
    crowd = pl.Network(network.layers * 65)
    with pytest.raises(pl.CompressionError, match="network.layers = 65: more than 64 LSTMs"):
        pl.compress(crowd, input_range=(-1, 1), refinements=2)


@pytest.mark.parametrize(
    "arguments, text",
    [
        ({"batch": -1}, "batch = -1: not a count; pass an integer of at least 1"),
        ({"steps": 0}, "steps = 0: not a count"),
        ({"calls": 2.5}, "calls = 2.5: not a count"),
        ({"calls": "9"}, "calls = '9': not a count"),
    ],
)
def test_benchmark(session, arguments, text):
    with pytest.raises(pl.InputError, match=text):
        session.benchmark(**arguments)


def test_backend_that_is_no_name(session):
    with pytest.raises(pl.BackendError, match=r"backend = \['cpu'\]: unknown; choose from"):
        pl.load(session.model, ["cpu"])


def test_model_of_a_weak_and_a_strong_lstm_serves_both():
    """The weak one's residual is not taken for rounding noise of the strong one's."""
    rng = np.random.default_rng(3)
    strong, weak = random_network(rng, [(12, 9), (12, 9)]).layers
    weak = pl.Layer(weak.w_ih * 1e-3, weak.w_hh * 1e-3, weak.bias)
    network = pl.Network((strong, weak))
    x = np.stack(random_inputs(rng, network))
    model = pl.compress(network, calibration=x, refinements=18)
    assert min(model.input.counts) >= 17
    comparison = pl.compare(network, model, x)
    assert max(layer.out.rms for layer in comparison.layers) < 0.02


@pytest.mark.torch
def test_torch_objects():
    torch = pytest.importorskip("torch")
    lstm = torch.nn.LSTM(3, 4)
    with pytest.raises(pl.NetworkError, match="head = 'Embedding': not an nn.Linear"):
        pl.Network.from_torch(lstm, head=torch.nn.Embedding(3, 4))
    normed = torch.nn.utils.parametrizations.weight_norm(torch.nn.LSTM(3, 4), "weight_hh_l0")
    network = pl.Network.from_torch(normed)
    np.testing.assert_array_equal(network.layers[0].w_hh, normed.weight_hh_l0.detach().numpy())
    head = pl.Head(np.ones((2, 4), np.float32), np.zeros(2, np.float32))
    network = pl.Network.from_torch(lstm, head=head)
    model = pl.compress(network, input_range=(-1, 1), refinements=2)
    with pl.load(model, "reference") as session:
        with pytest.raises(pl.InputError, match="x = 'Tensor': not an array .*requires grad"):
            session.infer(torch.zeros(2, 3, 3, requires_grad=True))
        assert session.infer_logits(torch.zeros(2, 3, 3)).shape == (2, 2)
