"""Random dense models: every shape, width, scale and shift that is valid.

Inputs for them come from `random_models.random_input`.
"""

import numpy as np
from random_models import random_sizes, redrawn, spread

from pynq_lstm import overflow
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel, DensePart
from pynq_lstm.numerics import limits


def random_dense_model(rng, max_size=24):
    """A random valid dense `CompressedModel`; scales are such that codes sometimes saturate."""
    return redrawn(lambda: _draw(rng, max_size))


def _draw(rng, max_size):
    models = int(rng.integers(1, 5))
    inputs = random_sizes(rng, models, max_size)
    hidden = random_sizes(rng, models, max_size)
    bits = _bits(rng)
    # shifts that bring the sums near the limits of pre on either side, and any shift at all
    near = bits["p_bits"] - 15 + rng.integers(-4, 4, models)
    shift = np.where(rng.random(models) < 0.7, near, rng.integers(-8, 25, models)).clip(-8, 24)
    head = None
    if rng.random() < 0.3:
        head = Head(
            rng.standard_normal((5, sum(hidden))).astype(np.float32),
            rng.standard_normal(5).astype(np.float32),
        )
    return _model(
        rng,
        inputs,
        hidden,
        bits,
        x_inverse_scale=tuple(float(np.float32(v)) for v in rng.uniform(1, 200, models)),
        cell_fraction_bits=spread(rng, models, 0, 14),
        pre_shift=tuple(int(v) for v in shift),
        head=head,
        provenance={"made by": "random_dense_models"},
    )


def sized_dense_model(rng, inputs, hidden, **fields):
    """A random dense model of given sizes, its other fields drawn unless they are given.

    Parameters
    ----------
    inputs, hidden : tuple of int
        One for each model.
    """
    bits = _bits(rng)
    bits.update({name: fields.pop(name) for name in tuple(fields) if name in bits})
    chosen = {
        "x_inverse_scale": (1.0,) * len(inputs),
        "cell_fraction_bits": (11,) * len(inputs),
        "pre_shift": (max(bits["p_bits"] - 15, -8),) * len(inputs),
        **fields,
    }
    return _model(rng, inputs, hidden, bits, **chosen)


def random_dense_part(rng, sizes, hidden_sizes, bits):
    """Random rows, one matrix for each model; the extreme codes of w and s included."""
    top = limits(bits["weight_bits"])[1]
    w, s, shifts = [], [], []
    for inputs, hidden in zip(sizes, hidden_sizes, strict=True):
        codes = rng.integers(-top, top + 1, (4 * hidden, inputs))
        codes[rng.random(4 * hidden) < 0.1] = rng.choice([-top, 0, top])
        most = overflow.INT32_MAX >> (bits["activation_bits"] - 1)
        while (wide := np.abs(codes).sum(axis=1) > most).any():
            codes[wide] = np.sign(codes[wide]) * (np.abs(codes[wide]) // 2)
        w.append(codes.astype(np.int8))
        scalars = rng.integers(-32768, 32768, 4 * hidden)
        extreme = rng.random(4 * hidden) < 0.1
        s.append(np.where(extreme, rng.choice([-32768, 0, 32767]), scalars).astype(np.int16))
        # shifts that bring the largest d * s near the limit of p, on either side
        magnitude = int(np.abs(codes).sum(axis=1).max()) << (bits["activation_bits"] - 1)
        fit = max(magnitude, 1).bit_length() + 15 - bits["p_bits"]
        shifts.append(int(np.clip(fit + rng.integers(-5, 3), 0, 47)))
    return DensePart(tuple(w), tuple(s), tuple(shifts))


def _bits(rng):
    return {
        "activation_bits": int(rng.choice([8, 16])),
        "weight_bits": int(rng.choice([4, 8])),
        "p_bits": int(rng.choice([16, rng.integers(4, 17)])),
    }


def _model(rng, inputs, hidden, bits, **fields):
    bias = [
        rng.integers(-(1 << 14 + shift), 1 << 14 + shift, 4 * size)
        for shift, size in zip(fields["pre_shift"], hidden, strict=True)
    ]
    made = {
        "input": random_dense_part(rng, inputs, hidden, bits),
        "hidden": random_dense_part(rng, hidden, hidden, bits),
        "bias": tuple(np.clip(b, -(1 << 30), 1 << 30).astype(np.int32) for b in bias),
    }
    return CompressedModel(input_sizes=inputs, hidden_sizes=hidden, **bits, **{**made, **fields})
