"""The shipped network as a dense model: the baseline loses next to nothing."""

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm import model_size
from pynq_lstm.examples import fashion_mnist

COUNT = 400  # test images
MOST = 0.5  # points of accuracy


@pytest.fixture(scope="module")
def data():
    images, labels = fashion_mnist.test_set()
    network = fashion_mnist.network()
    x = fashion_mnist.branches(images[:COUNT])
    return network, x, labels[:COUNT], network.infer_logits(x)


def percent(logits, labels):
    return 100 * float(np.mean(np.argmax(logits, axis=1) == labels))


@pytest.mark.parametrize("options", [{}, {"weight_bits": 4}, {"activation_bits": 16}], ids=str)
def test_accuracy(data, options):
    network, x, labels, floating = data
    calibration = fashion_mnist.calibration()
    model = pl.compress(network, method="dense", calibration=calibration, **options)
    with pl.load(model, "reference") as session:
        logits = session.infer_logits(x)
        report = session.last_run
    assert percent(floating, labels) > 85
    assert abs(percent(logits, labels) - percent(floating, labels)) <= MOST
    assert np.mean(logits.argmax(axis=1) == floating.argmax(axis=1)) > 0.97
    assert not any(report.saturated[kind] for kind in ("x", "state", "p", "c"))
    weights = sum(4 * layer.hidden_size * (28 + layer.hidden_size) for layer in network.layers)
    assert model_size.parameters(model) == weights + 2 * 2 * 512
