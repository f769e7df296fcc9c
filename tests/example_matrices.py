"""Weights for tests: the three pairs of matrices that SVDn is measured on, and float networks."""

import numpy as np

import pynq_lstm as pl

ROWS, COLUMNS = 256, 128  # of the measured matrices
NOISE, RMS = 0.15, 0.05
TILE = 8
TILES = {"none": (0, 0), "A": (8, 2), "B": (16, 8)}  # absent ones of 32 u tiles and of 16 v tiles
# What a greedy solver that prunes, refits s and does not quantise leaves: a goal to stay below.
GREEDY_ERRORS = {
    ("random", 16): (0.8449, 0.8698, 0.9282),
    ("random", 48): (0.6018, 0.6608, 0.8024),
    ("independent", 16): (0.3496, 0.4335, 0.5992),
    ("independent", 48): (0.1947, 0.2680, 0.4276),
    ("shared", 16): (0.3350, 0.4304, 0.6179),
    ("shared", 48): (0.1710, 0.2548, 0.4369),
}
# What block coordinate descent in float leaves, without quantisation: from greedy components,
# at most 40 sweeps until one gains less than 3e-4.
JOINT_ERRORS = {
    ("random", 16): (0.8358, 0.8560, 0.9006),
    ("random", 48): (0.5610, 0.6098, 0.7252),
    ("independent", 16): (0.3495, 0.4006, 0.5580),
    ("independent", 48): (0.1907, 0.2233, 0.3565),
    ("shared", 16): (0.3334, 0.3968, 0.5592),
    ("shared", 48): (0.1623, 0.2020, 0.3350),
}


def measured_pairs():
    """Three pairs of 256 x 128 matrices, drawn in this order from one generator of seed 0.

    "random" is Glorot uniform; "independent" and "shared" have a spectrum that
    decays as rank^-0.6 under 15 % noise, with no or mostly common singular bases.
    """
    rng = np.random.default_rng(0)
    limit = np.sqrt(6 / (ROWS + COLUMNS))
    return {
        "random": rng.uniform(-limit, limit, (2, ROWS, COLUMNS)),
        "independent": _decaying_pair(rng, 0.0),
        "shared": _decaying_pair(rng, 0.8),
    }


def _decaying_pair(rng, common):
    rank = min(ROWS, COLUMNS)
    spectrum = (1 + np.arange(rank)) ** -0.6

    def basis(length):
        return np.linalg.qr(rng.standard_normal((length, rank)))[0]

    def mixed(base):
        own = basis(len(base))
        return np.linalg.qr(common * base + (1 - common) * own)[0]

    bases = basis(ROWS), basis(COLUMNS)
    pair = []
    for _ in range(2):
        left, right = mixed(bases[0]), mixed(bases[1])
        clean = left * (spectrum * rng.uniform(0.5, 1.5, rank)) @ right.T
        clean *= RMS / np.sqrt((clean**2).mean())
        pair.append(clean + NOISE * RMS * rng.standard_normal(clean.shape))
    return np.stack(pair)


def random_layer(rng, inputs, hidden, gain=1.0):
    """An LSTM with PyTorch's initial distribution, times `gain`."""
    limit = gain / np.sqrt(hidden)
    return pl.Layer(
        *(
            rng.uniform(-limit, limit, shape).astype(np.float32)
            for shape in ((4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,))
        )
    )


def random_network(rng, sizes, classes=0, gain=1.0):
    """LSTMs of `sizes`, pairs (inputs, hidden), with a head if there are classes."""
    layers = [random_layer(rng, *size, gain) for size in sizes]
    head = None
    if classes:
        joined = sum(hidden for _, hidden in sizes)
        head = pl.Head(
            rng.standard_normal((classes, joined)).astype(np.float32),
            rng.standard_normal(classes).astype(np.float32),
        )
    return pl.Network(tuple(layers), head)


def random_inputs(rng, network, batch=3, steps=5):
    """x of normal numbers, shaped for `network`: one array for one model, else a list."""
    x = [
        rng.standard_normal((batch, steps, layer.input_size)).astype(np.float32)
        for layer in network.layers
    ]
    return x if len(x) > 1 else x[0]


def low_rank_layer(rng, inputs, hidden, rank):
    """An LSTM each of whose gate matrices has `rank`."""

    def stacked(rows):
        gates = [
            rng.standard_normal((hidden, rank)) @ rng.standard_normal((rank, rows))
            for _ in range(4)
        ]
        return (np.concatenate(gates) / np.sqrt(rank * rows)).astype(np.float32)

    bias = 0.1 * rng.standard_normal(4 * hidden)
    return pl.Layer(stacked(inputs), stacked(hidden), bias.astype(np.float32))


def over_models(model, values):
    """One array for each model, from what the public surface gives for one or several."""
    return list(values) if model.models > 1 else [values]
