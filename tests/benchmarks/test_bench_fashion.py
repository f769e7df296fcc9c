"""The shipped network in the benchmark."""

import numpy as np
from cpu import fashion, process
from cpu.shapes import SHAPES

import pynq_lstm as pl
from pynq_lstm.examples import fashion_mnist


def test_it_has_the_sizes_of_the_small_shape():
    found, small = fashion.shape(fashion.network()), SHAPES[0]
    assert vars(found) == {**vars(small), "name": fashion.NAME}
    assert fashion.image().shape == (small.models, 1, small.steps, small.inputs)


def test_variants_have_names_of_their_own():
    names = [variant.name for variant in fashion.ours()]
    assert len(set(names)) == len(names) == len(fashion.RANKS) + 2


def test_accuracies():
    """Of the float network and of a model that knows too little."""
    net = fashion.network()
    model = pl.compress(net, calibration=fashion.calibration(), refinements=1, progress=False)
    found = fashion.accuracies(net, {"one component": model})
    images, labels = fashion_mnist.test_set()
    guesses = net.infer_logits(fashion_mnist.branches(images)).argmax(axis=1)
    assert found["float network"].percent == 100 * np.mean(guesses == labels)
    low, high = found["one component"].interval
    assert low < found["one component"].percent < high < found["float network"].percent


def test_pinning_is_undone():
    before = process.cores()
    process.pin(before[:1])
    assert process.cores() == before[:1]
    process.pin(before)
    assert process.cores() == before
