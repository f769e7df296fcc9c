"""Random plans of the kernel: side by side, stacked, and with routes of several segments."""

import numpy as np
from random_models import random_model, sized_model

from pynq_lstm.accelerator.plan import Pair, Plan, Segment


def random_plan(rng, bits, max_size=16):
    """A plan of LSTMs with `bits` = {"activation_bits", "p_bits" and so on}, of any kind."""
    draw = rng.choice([side_by_side, stacked, routed, routed])
    return draw(rng, bits, max_size)


def side_by_side(rng, bits, max_size):
    models = int(rng.integers(1, 5))
    inputs, hidden = rng.integers(1, max_size + 1, (2, models)).tolist()
    if rng.random() < 0.5:
        inputs, hidden = inputs[:1] * models, hidden[:1] * models
    return Plan.of_model(sized_model(rng, tuple(inputs), tuple(hidden), 3, **bits))


def stacked(rng, bits, max_size):
    """Two or three layers of one or two LSTMs."""
    width = int(rng.integers(1, 3))
    sizes = rng.integers(1, max_size + 1, int(rng.integers(3, 5))).tolist()
    layers = [
        sized_model(rng, (below,) * width, (own,) * width, 3, **bits)
        for below, own in zip(sizes, sizes[1:])
    ]
    return Plan.stacked(layers, shifts=[int(s) for s in rng.integers(-1, 2, len(layers) - 1)])


def routed(rng, bits, max_size):
    """The second LSTM takes h of the first one, codes of its own behind it, and some added."""
    inputs, hidden, own = rng.integers(1, max_size + 1, 3).tolist()
    more = int(rng.integers(0, max_size))
    first = sized_model(rng, (inputs,), (hidden,), 3, **bits)
    second = sized_model(rng, (hidden + more,), (own,), 3, **bits)
    shift = lambda: int(rng.integers(-2, 3))  # noqa: E731
    route = [Segment(0, hidden, 0, (0, 0), shift())]
    if more:
        route.append(Segment(0, more, hidden, shift=shift()))
    if rng.random() < 0.5:
        route.append(Segment(more, hidden, 0, shift=shift()))
    lag = int(rng.integers(0, 2))  # of the same wave, or one step behind
    upper = Pair(second, (0, None), (tuple(route), None), (lag, 0))
    return Plan((Pair(first, (0, None)), upper))


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
