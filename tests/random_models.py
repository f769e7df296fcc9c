"""Random compressed models and inputs: every shape, tile, form, width and scale that is valid."""

import numpy as np

from pynq_lstm.errors import ModelFormatError
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel, Part
from pynq_lstm.numerics import limits
from pynq_lstm.tiles import tile_count


def random_model(rng, max_size=24, max_components=6):
    """A random valid `CompressedModel`; scales are such that codes sometimes saturate."""
    return redrawn(lambda: _draw(rng, max_size, max_components))


def redrawn(draw):
    """The first model that `draw()` makes without an accumulator that could overflow."""
    while True:
        try:
            return draw()
        except ModelFormatError as error:
            if error.problem.find("could pass") < 0:
                raise


def _draw(rng, max_size, max_components):
    models = int(rng.integers(1, 5))
    inputs = random_sizes(rng, models, max_size)
    hidden = random_sizes(rng, models, max_size)
    bits = {
        "activation_bits": int(rng.choice([8, 16])),
        "weight_bits": int(rng.choice([4, 8])),
        "p_bits": int(rng.integers(4, 17)),
    }
    parts = [random_part(rng, side, hidden, max_components, bits) for side in (inputs, hidden)]
    # shifts that bring the sums near the limits of pre, on either side
    reach = sum(len(p.u) for p in parts) * limits(bits["weight_bits"])[1] << bits["p_bits"] - 1
    pre_shift = tuple(
        int(np.clip(reach.bit_length() - 15 + rng.integers(-4, 4), -8, 24)) for _ in range(models)
    )
    bias = [rng.integers(-(1 << 14 + s), 1 << 14 + s, 4 * h) for s, h in zip(pre_shift, hidden)]
    head = None
    if rng.random() < 0.3:
        head = Head(
            rng.standard_normal((5, sum(hidden))).astype(np.float32),
            rng.standard_normal(5).astype(np.float32),
        )
    return CompressedModel(
        input_sizes=inputs,
        hidden_sizes=hidden,
        **bits,
        x_inverse_scale=tuple(float(np.float32(v)) for v in rng.uniform(1, 200, models)),
        cell_fraction_bits=spread(rng, models, 0, 14),
        pre_shift=pre_shift,
        input=parts[0],
        hidden=parts[1],
        bias=tuple(np.clip(b, -(1 << 28), 1 << 28).astype(np.int32) for b in bias),
        head=head,
        provenance={"made by": "random_models"},
    )


def spread(rng, models, low, high):
    """One integer from `low` to `high` for each model."""
    return tuple(int(v) for v in rng.integers(low, high + 1, models))


def random_sizes(rng, models, max_size):
    """One size for each model, often the same."""
    if rng.random() < 0.6:
        return (int(rng.integers(1, max_size + 1)),) * models
    return tuple(int(v) for v in rng.integers(1, max_size + 1, models))


def random_part(rng, sizes, hidden_sizes, max_components, bits):
    """Random components over max(sizes) inputs, of either form."""
    inputs, hidden, models = max(sizes), max(hidden_sizes), len(sizes)
    stacked = rng.random() < 0.4
    counts = tuple(int(v) for v in rng.integers(0, max_components + 1, 1 if stacked else 4))
    if not sum(counts):
        counts = (1,) + counts[1:]
    components = sum(counts)
    u_tile, v_tile = int(rng.integers(1, inputs + 1)), int(rng.integers(1, hidden + 1))
    u_mask = rng.random((components, tile_count(inputs, u_tile))) < rng.choice([0.5, 1.0])
    v_mask = rng.random((components, 4, tile_count(hidden, v_tile))) < rng.choice([0.5, 1.0])
    if not stacked:
        gate = np.concatenate(
            [[g for g, n in enumerate(counts) if n > r] for r in range(max(counts))]
        )
        v_mask &= (gate[:, None] == np.arange(4))[:, :, None]
    top = limits(bits["weight_bits"])[1]
    u = rng.integers(-top, top + 1, (components, inputs)).astype(np.int8)
    v = rng.integers(-top, top + 1, (components, 4, hidden)).astype(np.int8)
    u[~np.repeat(u_mask, u_tile, axis=-1)[..., :inputs]] = 0
    v[~np.repeat(v_mask, v_tile, axis=-1)[..., :hidden]] = 0
    s = rng.integers(-32767, 32768, (components, models)).astype(np.int16)
    # shifts that bring the largest d * s near the limit of p, on either side
    magnitude = int(np.abs(u.astype(int)).sum(1).max()) << (bits["activation_bits"] - 1)
    fit = max(magnitude, 1).bit_length() + 15 - bits["p_bits"]
    shifts = tuple(int(np.clip(fit + rng.integers(-5, 3), 0, 47)) for _ in range(models))
    return Part(counts, u, u_mask, v, v_mask, s, shifts, u_tile, v_tile)


def sized_model(rng, inputs, hidden, max_components=12, **fields):
    """A random model of given sizes that no accumulator bound limits."""
    bits = {
        "activation_bits": int(rng.choice([8, 16])),
        "weight_bits": int(rng.choice([4, 8])),
        "p_bits": int(rng.integers(4, 13)),
    }
    bits.update(fields)
    models = len(inputs)
    parts = [random_part(rng, sizes, hidden, max_components, bits) for sizes in (inputs, hidden)]
    return CompressedModel(
        input_sizes=inputs,
        hidden_sizes=hidden,
        **bits,
        x_inverse_scale=(1.0,) * models,
        cell_fraction_bits=(11,) * models,
        pre_shift=(4,) * models,
        input=parts[0],
        hidden=parts[1],
        bias=tuple(rng.integers(-(1 << 18), 1 << 18, 4 * h).astype(np.int32) for h in hidden),
    )


def random_input(rng, model, max_batch=4, max_time=6):
    """Codes for `reference.run`: x, h, c, lengths, refinements; extremes included."""
    batch, time = int(rng.integers(1, max_batch + 1)), int(rng.integers(1, max_time + 1))

    def codes(shape, bits):
        low, high = limits(bits)
        drawn = rng.integers(low, high + 1, shape)
        return np.where(rng.random(shape) < 0.1, rng.choice([low, high], shape), drawn)

    bits = model.activation_bits
    x = [codes((batch, time, size), bits) for size in model.input_sizes]
    h = [codes((batch, size), bits) for size in model.hidden_sizes]
    c = [codes((batch, size), 16) for size in model.hidden_sizes]
    lengths = rng.integers(1, time + 1, batch)
    return x, h, c, lengths, int(rng.integers(1, model.max_refinements + 1))
