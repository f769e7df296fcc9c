"""Random models and plans that fit a design, of every shape, form, width and route."""

from dataclasses import replace

import numpy as np
from random_models import random_input, random_part

from pynq_lstm.accelerator.plan import Pair, Plan, Segment
from pynq_lstm.errors import ModelFormatError, PlanError
from pynq_lstm.model import CompressedModel
from pynq_lstm.numerics import limits


def fitting_model(
    rng, design, inputs=None, hidden=None, models=None, max_components=4, whole=False
):
    """A random valid model for a design; sizes that are not given are drawn.

    A `whole` one serves every prefix.
    """
    while True:
        try:
            model = _draw(rng, design, inputs, hidden, models, max_components)
            return replace(model, prefixes=None) if whole else model
        except ModelFormatError as error:  # an accumulator could overflow: draw again
            if "could pass" not in error.problem:
                raise


def _draw(rng, design, inputs, hidden, models, max_components):
    models = len(inputs or hidden or ()) or models or int(rng.integers(1, 5))
    inputs = inputs or _sizes(rng, models, design.max_inputs)
    hidden = hidden or _sizes(rng, models, design.max_hidden)
    bits = {
        "activation_bits": design.activation_bits,
        "weight_bits": int(rng.choice([4, 8])),
        "p_bits": int(rng.integers(4, design.p_bits + 1)),
    }
    parts = [
        _with_zeros(rng, random_part(rng, side, hidden, max_components, bits))
        for side in (inputs, hidden)
    ]
    reach = sum(len(p.u) for p in parts) * limits(bits["weight_bits"])[1] << bits["p_bits"] - 1
    pre_shift = tuple(
        int(np.clip(reach.bit_length() - 15 + rng.integers(-4, 4), -8, 24)) for _ in range(models)
    )
    bias = [rng.integers(-(1 << 14 + s), 1 << 14 + s, 4 * h) for s, h in zip(pre_shift, hidden)]
    return CompressedModel(
        input_sizes=inputs,
        hidden_sizes=hidden,
        **bits,
        x_inverse_scale=tuple(
            2.0 ** (design.activation_bits + int(v)) for v in rng.integers(-4, 2, models)
        ),
        cell_fraction_bits=tuple(int(v) for v in rng.integers(0, 15, models)),
        pre_shift=pre_shift,
        input=parts[0],
        hidden=parts[1],
        bias=tuple(np.clip(b, -(1 << 28), 1 << 28).astype(np.int32) for b in bias),
        prefixes=_prefixes(rng, max(parts[0].counts + parts[1].counts)),
    )


def _with_zeros(rng, part):
    """Some components without a code of u, or with s of zero for some LSTMs."""
    u, s = part.u.copy(), part.s.copy()
    u[rng.random(len(u)) < 0.1] = 0
    s[rng.random(s.shape) < 0.2] = 0
    return replace(part, u=u, s=s)


def _prefixes(rng, longest):
    if rng.random() < 0.7:
        return None
    return tuple(int(k) + 1 for k in np.flatnonzero(rng.random(longest) < 0.6)) or None


def _sizes(rng, models, most):
    if rng.random() < 0.6:
        return (int(rng.integers(1, most + 1)),) * models
    return tuple(int(v) for v in rng.integers(1, most + 1, models))


def fitting_input(rng, model, **limits_of_size):
    """As `random_input`; refinements may lie beyond the longest list."""
    x, h, c, lengths, _ = random_input(rng, model, **limits_of_size)
    top = model.served() + (2 if model.prefixes is None else 0)
    return x, h, c, lengths, int(rng.integers(1, top + 1))


def plan_input(rng, plan, max_batch=3, max_time=4):
    """Codes for a plan: x (None without external input), h, c, lengths, refinements."""
    batch, time = int(rng.integers(1, max_batch + 1)), int(rng.integers(1, max_time + 1))
    low, high = limits(plan.pairs[0].model.activation_bits)
    x = [
        rng.integers(low, high + 1, (batch, time, size)) if size else None
        for size in plan.external_sizes()
    ]
    h = [rng.integers(low, high + 1, (batch, size)) for size in plan.hidden_sizes()]
    c = [rng.integers(-(1 << 15), 1 << 15, (batch, size)) for size in plan.hidden_sizes()]
    lengths = rng.integers(1, time + 1, batch)
    lengths[rng.integers(batch)] = time
    return x, h, c, lengths, int(rng.integers(1, 6))


def random_plan(rng, design):
    """LSTMs of one or two models, in any lanes, with routes of every kind between them."""
    while True:
        members = []
        for _ in range(int(rng.integers(1, 3))):
            size = int(rng.integers(1, design.max_hidden + 1))
            count = int(rng.integers(1, 4))
            inputs = tuple(
                rng.integers(1, design.max_inputs - 2 * design.u_tile + 1, count).tolist()
            )
            model = fitting_model(rng, design, inputs, (size,) * count, None, 2, whole=True)
            members += _lanes(rng, model)
        members = members[: design.max_pairs]
        places = {(k, m): pair for k, pair in enumerate(members) for m in range(len(pair[1]))}
        lags = {place: int(rng.integers(0, 3)) for place in places}
        try:
            return Plan(
                tuple(
                    Pair(
                        model,
                        (*own, None)[:2],
                        tuple(_routes(rng, design, model, own, k, places, lags)),
                        tuple(lags.get((k, m), 0) for m in range(2)),
                    )
                    for k, (model, own) in enumerate(members)
                )
            )
        except PlanError as error:
            raise AssertionError(f"a random plan is not valid: {error}") from error


def _lanes(rng, model):
    order = rng.permutation(model.models).tolist()
    lanes = []
    while order:
        count = int(rng.integers(1, 3))
        lanes.append((model, tuple(order[:count])))
        order = order[count:]
    return lanes


def _routes(rng, design, model, own, k, places, lags):
    for m in range(2):
        yield (
            None
            if m >= len(own)
            else tuple(_segments(rng, design, model.input_sizes[own[m]], lags[k, m], places, lags))
        )


def _segments(rng, design, size, lag, places, lags):
    """Segments that cover x, tile after tile of the hardware, and others on top."""
    external, at = 0, 0
    while at < size:
        length = int(min(rng.integers(1, 4) * design.u_tile, size - at))
        for _ in range(1 + (rng.random() < 0.3)):
            shift = int(rng.integers(-2, 3)) if rng.random() < 0.5 else 0
            source = _source(rng, design, length, lag, places, lags)
            if source is None:
                yield Segment(external, length, at, None, shift)
                external += length
            else:
                yield Segment(source[1], length, at, source[0], shift)
        at += length


def _source(rng, design, length, lag, places, lags):
    """An LSTM with enough units whose h may be taken, and where in it; None: external."""
    fitting = [
        (place, model.hidden_sizes[own[0]])
        for place, (model, own) in places.items()
        if lags[place] + 1 >= lag and model.hidden_sizes[own[0]] >= length
    ]
    if not fitting or rng.random() < 0.4:
        return None
    place, hidden = fitting[int(rng.integers(len(fitting)))]
    starts = np.arange(0, hidden - length + 1, design.u_tile)
    return place, int(rng.choice(starts))
