"""Small networks whose labels are what the float network says."""

import numpy as np
from example_matrices import low_rank_layer

import pynq_lstm as pl

CLASSES = 5


def network(rng, models=2, inputs=5, hidden=6, rank=2, noise=0.05):
    """LSTMs side by side, near a low rank, with a head."""
    layers = []
    for _ in range(models):
        layer = low_rank_layer(rng, inputs, hidden, rank)
        w = [a + noise * rng.standard_normal(a.shape) for a in (layer.w_ih, layer.w_hh)]
        layers.append(pl.Layer(*(a.astype(np.float32) for a in w), layer.bias))
    head = pl.Head(
        rng.standard_normal((CLASSES, models * hidden)).astype(np.float32),
        np.zeros(CLASSES, np.float32),
    )
    return pl.Network(tuple(layers), head)


def stacked(rng, inputs=4, hidden=6):
    """A model of two layers with a head."""
    layers = (low_rank_layer(rng, inputs, hidden, 3), low_rank_layer(rng, hidden, hidden, 3))
    head = pl.Head(
        rng.standard_normal((CLASSES, hidden)).astype(np.float32), np.zeros(CLASSES, np.float32)
    )
    return pl.Network(layers, head, [pl.Stack(2)])


def inputs(rng, net, batch, steps=6):
    """x as `infer` takes it."""
    x = [
        rng.standard_normal((batch, steps, i)).astype(np.float32) for i in net.sequences.input_sizes
    ]
    return x if len(x) > 1 else x[0]


def labelled(rng, net, batch=100):
    """(x, labels) on which the float network is right everywhere, by a margin."""
    x = inputs(rng, net, 3 * batch)
    logits = np.sort(net.infer_logits(x), axis=1)
    sure = np.sort(np.argsort(logits[:, -2] - logits[:, -1])[:batch])
    x = [one[sure] for one in x] if isinstance(x, list) else x[sure]
    return x, net.infer_logits(x).argmax(axis=1)
