"""Plans of many shapes for the model of cycles: sizes, ranks, masks, several pairs, routes."""

import numpy as np

from pynq_lstm.accelerator.plan import Pair, Plan, Segment
from pynq_lstm.model import CompressedModel, Part

# inputs, hidden, refinements, LSTMs, share of tiles of u and of v that are present
SIDE_BY_SIDE = [
    (1024, 512, 16, 2, 0.5, 0.875),
    (1024, 512, 16, 1, 0.3, 0.5),
    (1024, 512, 8, 2, 0.5, 0.875),
    (1024, 512, 2, 2, 0.5, 0.9),
    (1024, 512, 2, 4, 0.5, 0.9),
    (1024, 64, 13, 2, 0.5, 0.5),
    (1024, 8, 4, 2, 0.5, 1),
    (1024, 8, 8, 4, 1, 1),
    (700, 300, 6, 2, 0.9, 0.9),
    (512, 512, 4, 4, 0.1, 0.1),
    (512, 256, 8, 4, 0.5, 0.8),
    (256, 128, 8, 2, 1, 1),
    (256, 128, 8, 4, 1, 1),
    (128, 256, 8, 8, 0.5, 0.8),
    (128, 128, 26, 2, 0.5, 1),
    (100, 60, 5, 3, 0.7, 0.7),
    (64, 64, 4, 4, 0.5, 0.5),
    (48, 480, 16, 2, 0.5, 0.9),
    (32, 200, 12, 6, 0.3, 0.3),
    (17, 9, 2, 5, 1, 1),
    (16, 512, 4, 2, 0.5, 1),
    (16, 64, 40, 2, 1, 0.6),
    (16, 64, 40, 6, 1, 0.6),
    (16, 8, 1, 1, 1, 1),
    (16, 8, 1, 4, 1, 1),
    (16, 8, 4, 8, 1, 1),
]
# sizes from x up, refinements, LSTMs of a layer
STACKED = [
    ((64, 64, 64), 4, 2),
    ((256, 128, 64), 8, 2),
    ((512, 256, 256), 8, 2),
    ((1024, 256, 128), 6, 2),
    ((64, 512, 64), 4, 2),
    ((32, 16, 16), 2, 1),
    ((16, 8, 8, 8), 2, 2),
    ((128, 128, 128, 128, 128), 4, 2),
]
# inputs, hidden, hidden of the LSTM that takes both
ROUTED = [(64, 64, 64), (256, 128, 32), (512, 256, 256), (32, 8, 8)]


def model(inputs, hidden, refinements, models=2, u_share=0.5, v_share=0.875, seed=1):
    """A model whose present tiles are drawn."""
    rng = np.random.default_rng(seed)
    parts = [_part(rng, n, hidden, refinements, models, u_share, v_share) for n in (inputs, hidden)]
    return CompressedModel(
        input_sizes=(inputs,) * models,
        hidden_sizes=(hidden,) * models,
        activation_bits=8,
        weight_bits=8,
        p_bits=10,
        x_inverse_scale=(128.0,) * models,
        cell_fraction_bits=(11,) * models,
        pre_shift=(4,) * models,
        input=parts[0],
        hidden=parts[1],
        bias=(np.zeros(4 * hidden, np.int32),) * models,
    )


def _part(rng, length, hidden, refinements, models, u_share, v_share):
    u_tile, v_tile, count = min(16, length), min(8, hidden), 4 * refinements
    u_mask = rng.random((count, -(-length // u_tile))) < u_share
    v_mask = np.zeros((count, 4, -(-hidden // v_tile)), bool)
    v_mask[np.arange(count), np.arange(count) % 4] = rng.random((count, v_mask.shape[2])) < v_share
    u = rng.integers(1, 20, (count, length)).astype(np.int8)
    v = rng.integers(1, 100, (count, 4, hidden)).astype(np.int8)
    u[~np.repeat(u_mask, u_tile, axis=1)[:, :length]] = 0
    v[~np.repeat(v_mask, v_tile, axis=2)[:, :, :hidden]] = 0
    s = rng.integers(1, 32768, (count, models)).astype(np.int16)
    return Part((refinements,) * 4, u, u_mask, v, v_mask, s, (29,) * models, u_tile, v_tile)


def plans():
    """Names and plans."""
    for shape in SIDE_BY_SIDE:
        yield f"side by side {shape}", Plan.of_model(model(*shape))
    for sizes, refinements, models in STACKED:
        layers = [
            model(below, own, refinements, models, seed=k)
            for k, (below, own) in enumerate(zip(sizes, sizes[1:]))
        ]
        yield (
            f"stacked {sizes} {refinements} {models}",
            Plan.stacked(layers, [0] * (len(sizes) - 2)),
        )
    for shape in ROUTED:
        yield f"routed {shape}", routed(*shape)
        yield f"to itself {shape[1]}", to_itself(shape[1])


def routed(inputs, hidden, own):
    """Two LSTMs, and one of their wave that takes the h of the first and x behind it."""
    lower, upper = model(inputs, hidden, 4), model(hidden + inputs, own, 4, 1, seed=2)
    route = Segment(0, hidden, 0, (0, 0)), Segment(0, inputs, hidden)
    return Plan((Pair(lower, (0, 1)), Pair(upper, (0, None), (route, None))))


def to_itself(hidden):
    """An LSTM that takes its own h, added to x."""
    route = Segment(0, hidden, 0, (0, 0)), Segment(0, hidden)
    return Plan((Pair(model(hidden, hidden, 4, 1, seed=3), (0, None), (route, None)),))
