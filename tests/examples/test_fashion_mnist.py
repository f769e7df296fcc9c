"""The shipped network and images: layout, disjointness, and the accuracy that is promised."""

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.examples import fashion_mnist

COUNT = 500  # test images


@pytest.fixture(scope="module")
def data():
    images, labels = fashion_mnist.test_set()
    return images[:COUNT], labels[:COUNT]


def rows_and_columns(images):
    """Row t of an image is step t of model 0, column t step t of model 1; in 0..1."""
    x = np.empty((2, len(images), 28, 28), np.float32)
    for t in range(28):
        x[0, :, t] = images[:, t, :].astype(np.float32) / np.float32(255)
        x[1, :, t] = images[:, :, t].astype(np.float32) / np.float32(255)
    return x


def percent(logits, labels):
    return 100 * float(np.mean(np.argmax(logits, axis=1) == labels))


def test_branches():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    x = fashion_mnist.branches(images)
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, rows_and_columns(images))
    one = np.zeros((1, 28, 28), np.uint8)
    one[0, 3, 20] = 255  # row 3, column 20
    x = fashion_mnist.branches(one)
    assert np.argwhere(x).tolist() == [[0, 0, 3, 20], [1, 0, 20, 3]] and x.max() == 1


def test_sets():
    for (images, labels), count in (
        (fashion_mnist.test_set(), 2000),
        (fashion_mnist.validation_set(), 1000),
    ):
        assert images.shape == (count, 28, 28) and images.dtype == np.uint8
        assert labels.shape == (count,) and labels.dtype == np.uint8
        assert sorted(set(labels.tolist())) == list(range(10))
        assert np.bincount(labels).min() > 0.07 * count
        assert images.max() == 255 and images.min() == 0
    assert len(fashion_mnist.CLASSES) == 10
    # the first official test images are known
    shown = [fashion_mnist.CLASSES[n] for n in fashion_mnist.test_set()[1][:4]]
    assert shown == ["ankle boot", "pullover", "trouser", "trouser"]


def test_calibration():
    x = fashion_mnist.calibration()
    assert x.shape == (2, 128, 28, 28) and x.dtype == np.float32
    assert x.min() == 0 and x.max() == 1
    np.testing.assert_array_equal(x[1], x[0].transpose(0, 2, 1))


def test_sets_are_disjoint():
    pixels = np.rint(fashion_mnist.calibration()[0] * 255).astype(np.uint8)
    sets = {
        "test": fashion_mnist.test_set()[0],
        "validation": fashion_mnist.validation_set()[0],
        "calibration": pixels,
    }
    seen = {name: {image.tobytes() for image in images} for name, images in sets.items()}
    for name, other in (
        ("calibration", "test"),
        ("validation", "test"),
        ("calibration", "validation"),
    ):
        assert seen[name].isdisjoint(seen[other]), (name, other)
    for name, images in sets.items():
        assert len(seen[name]) == len(images), name


def test_network():
    net = fashion_mnist.network()
    assert [(layer.input_size, layer.hidden_size) for layer in net.layers] == 2 * [(28, 128)]
    assert net.head.weight.shape == (10, 256) and net.head.bias.shape == (10,)


def test_accuracy(data):
    images, labels = data
    net = fashion_mnist.network()
    x = rows_and_columns(images)
    whole = percent(net.infer_logits(x), labels)
    assert whole >= 85
    np.testing.assert_array_equal(fashion_mnist.branches(images), x)
    assert percent(net.infer_logits(x[::-1, :100]), labels[:100]) < 50  # the layout matters
    model = pl.compress(net, calibration=fashion_mnist.calibration(), refinements=16)
    assert model.weight_bits == 8
    with pl.load(model) as session:
        assert abs(percent(session.infer_logits(x), labels) - whole) <= 1
