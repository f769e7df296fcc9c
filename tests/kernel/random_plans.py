"""Random plans of the kernel: side by side, stacked, and with routes of several segments."""

import numpy as np
from random_block_models import sized_block_model
from random_models import random_model, sized_model

from pynq_lstm.accelerator.plan import Pair, Plan, Segment

MAX_LAG = 3
SHIFTS = (-8, -2, -1, 0, 0, 1, 2, 3, 8)


def svd_model(rng, inputs, hidden, bits):
    return sized_model(rng, inputs, hidden, **{"max_components": 3, **bits})


def block_model(rng, inputs, hidden, bits):
    return sized_block_model(rng, inputs, hidden, **bits)


def random_plan(rng, bits, max_size=16, u_tile=4, make=svd_model):
    """A plan of LSTMs with `bits` = {"activation_bits", "p_bits" and so on}, of any kind.

    `u_tile` is that of the design: sources that are added must align in its tiles. `make` makes
    the models.
    """
    if rng.random() < 0.5:
        return routed(rng, bits, max_size, u_tile, make)
    return rng.choice([side_by_side, stacked])(rng, bits, max_size, make)


def side_by_side(rng, bits, max_size, make):
    models = int(rng.integers(1, 5))
    inputs, hidden = rng.integers(1, max_size + 1, (2, models)).tolist()
    if rng.random() < 0.5:
        inputs, hidden = inputs[:1] * models, hidden[:1] * models
    return Plan.of_model(make(rng, tuple(inputs), tuple(hidden), bits))


def stacked(rng, bits, max_size, make):
    """Two or three layers of one or two LSTMs."""
    width = int(rng.integers(1, 3))
    sizes = rng.integers(1, max_size + 1, int(rng.integers(3, 5))).tolist()
    layers = [
        make(rng, (below,) * width, (own,) * width, bits) for below, own in zip(sizes, sizes[1:])
    ]
    return Plan.stacked(layers, shifts=[int(s) for s in rng.integers(-1, 2, len(layers) - 1)])


def routed(rng, bits, max_size, u_tile, make):
    """Two to four pairs whose x is put together from memory and the h of any of the LSTMs."""
    count = int(rng.integers(2, 5))
    hidden = rng.integers(1, max_size + 1, count).tolist()
    choices = [(0, 1), (1, 0), (0, None)] if make is svd_model else [(0, None), (1, None)]
    members = [choices[rng.integers(len(choices))] for _ in range(count)]
    lags = rng.integers(0, MAX_LAG + 1, (count, 2)).tolist()
    places = [(k, lane) for k in range(count) for lane in (0, 1) if members[k][lane] is not None]
    pairs = []
    for k in range(count):
        inputs = rng.integers(1, max_size + 1, 2).tolist()
        model = make(rng, tuple(inputs), (hidden[k],) * 2, bits)
        skew, routes = int(rng.integers(u_tile)), [None, None]
        for lane, j in enumerate(members[k]):
            if (k, lane) in places[1:] and rng.random() < 0.8:  # one takes its x from memory
                sources = {p: hidden[p[0]] for p in places if lags[k][lane] <= lags[p[0]][p[1]] + 1}
                routes[lane] = random_route(rng, inputs[j], sources, skew, u_tile)
        pairs.append(Pair(model, members[k], tuple(routes), tuple(lags[k])))
    return Plan(tuple(pairs))


def random_route(rng, size, sources, skew, u_tile):
    """Segments one after another that cover x, then up to two that are added to them.

    `sources` = {(pair, lane): hidden units}; every piece of an h starts `skew` behind its place
    in x, but for whole tiles.
    """
    segments, offset = [], 0
    while offset < size:
        segments.append(random_segment(rng, offset, size, sources, skew, u_tile))
        offset += segments[-1].length
    for _ in range(rng.integers(3)):
        offset = int(rng.integers(size))
        segments.append(random_segment(rng, offset, size, sources, skew, u_tile))
    return tuple(segments)


def random_segment(rng, offset, size, sources, skew, u_tile):
    """Elements of x from `offset` on: of an h, or of memory."""
    shift = int(rng.choice(SHIFTS))
    source = list(sources)[rng.integers(len(sources))]
    starts = range((offset + skew) % u_tile, sources[source], u_tile)
    if not starts or rng.random() < 0.3:
        length = int(rng.integers(1, size - offset + 1))
        return Segment(int(rng.integers(4)), length, offset, shift=shift)
    start = int(rng.choice(starts))
    longest = min(size - offset, sources[source] - start)
    return Segment(start, int(rng.integers((longest + 1) // 2, longest + 1)), offset, source, shift)


def random_arguments(rng, plan, max_batch=3, max_time=5):
    """x, h, c, lengths and refinements for a run of `plan`; extremes included."""
    batch, time = int(rng.integers(1, max_batch + 1)), int(rng.integers(1, max_time + 1))
    bits = plan.pairs[0].model.activation_bits

    def codes(shape, bits):
        low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        drawn = rng.integers(low, high + 1, shape)
        return np.where(rng.random(shape) < 0.1, rng.choice([low, high], shape), drawn)

    x = [codes((batch, time, size), bits) if size else None for size in plan.external_sizes()]
    h = [codes((batch, size), bits) for size in plan.hidden_sizes()]
    c = [codes((batch, size), 16) for size in plan.hidden_sizes()]
    lengths = rng.integers(1, time + 1, batch)
    lengths[rng.integers(batch)] = time
    most = max(pair.model.max_refinements for pair in plan.pairs)
    return x, h, c, lengths, int(rng.integers(1, most + 1))


def fitting_model(rng, activation_bits, p_bits, max_size=16):
    """A model of `random_model` with these activation bits, and p of at most `p_bits`."""
    while True:
        model = random_model(rng, max_size, max_components=4)
        if model.activation_bits == activation_bits and model.p_bits <= p_bits:
            return model
