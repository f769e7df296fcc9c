"""Random block-diagonal models: every rank, shape, width, scale and shift that is valid.

Inputs for them come from `random_models.random_input`.
"""

import numpy as np
from naive_block_diagonal import present
from random_models import random_sizes, redrawn, spread

from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel
from pynq_lstm.numerics import limits
from pynq_lstm.parts import BlockDiagonalPart


def random_block_model(rng, max_size=24):
    """A random valid block-diagonal model; scales are such that codes sometimes saturate."""
    models = int(rng.integers(1, 5))
    inputs = random_sizes(rng, models, max_size)
    hidden = random_sizes(rng, models, max_size)
    head = None
    if rng.random() < 0.3:
        head = Head(
            rng.standard_normal((5, sum(hidden))).astype(np.float32),
            rng.standard_normal(5).astype(np.float32),
        )
    return sized_block_model(
        rng,
        inputs,
        hidden,
        x_inverse_scale=tuple(float(np.float32(v)) for v in rng.uniform(1, 200, models)),
        cell_fraction_bits=spread(rng, models, 0, 14),
        head=head,
        provenance={"made by": "random_block_models"},
    )


def sized_block_model(rng, inputs, hidden, ranks=(None, None), **fields):
    """A random block-diagonal model of given sizes, other fields drawn unless they are given.

    Parameters
    ----------
    inputs, hidden : tuple of int
        One for each model.
    ranks : pair of int or None
    """
    return redrawn(lambda: _sized(rng, inputs, hidden, ranks, dict(fields)))


def _sized(rng, inputs, hidden, ranks, fields):
    models = len(inputs)
    bits = {
        "activation_bits": int(rng.choice([8, 16])),
        "weight_bits": int(rng.choice([2, 4, 8])),
        "p_bits": int(rng.choice([4, 6, 8])),
        "gate_bits": int(rng.choice([16, rng.integers(4, 17)])),
        "cell_bits": int(rng.choice([16, rng.integers(4, 17)])),
    }
    bits.update({name: fields.pop(name) for name in tuple(fields) if name in bits})
    parts = [
        random_block_part(rng, sizes, hidden, bits, rank)
        for sizes, rank in zip((inputs, hidden), ranks, strict=True)
    ]
    # shifts that bring the sums near the limits of pre on either side, and any shift at all
    reach = [
        sum(int(part.v_sums()[j].max()) << bits["p_bits"] - 1 for part in parts)
        for j in range(models)
    ]
    near = [r.bit_length() - 17 + int(rng.integers(-4, 4)) for r in reach]
    shift = [s if rng.random() < 0.8 else int(rng.integers(-8, 25)) for s in near]
    shift = tuple(min(max(s, -8), 24) for s in fields.pop("pre_shift", shift))
    bias = [rng.integers(-(1 << 14 + s), 1 << 14 + s, 4 * h) for s, h in zip(shift, hidden)]
    chosen = {
        "x_inverse_scale": (1.0,) * models,
        "cell_fraction_bits": (11,) * models,
        "pre_shift": shift,
        "input": parts[0],
        "hidden": parts[1],
        "bias": tuple(np.clip(b, -(1 << 29), 1 << 29).astype(np.int32) for b in bias),
        **fields,
    }
    return CompressedModel(input_sizes=inputs, hidden_sizes=hidden, **bits, **chosen)


def random_block_part(rng, sizes, hidden_sizes, bits, rank=None):
    """Random weights where eq. (7) has some; the extreme codes of w and m included."""
    rank = int(rng.choice([2, 4, 8, 16])) if rank is None else rank
    top = limits(bits["weight_bits"])[1]
    w, m, shifts = [], [], []
    for inputs, hidden in zip(sizes, hidden_sizes, strict=True):
        kept = [[present(i, k, rank) for k in range(inputs)] for i in range(hidden)]
        codes = rng.integers(-top, top + 1, (4, hidden, inputs))
        codes[:, :, rng.random(inputs) < 0.1] = rng.choice([-top, 0, top])
        w.append(np.where(kept, codes, 0).reshape(4 * hidden, inputs).astype(np.int8))
        extreme = rng.random(inputs) < 0.1
        scalars = np.where(extreme, rng.choice([0, 65535], inputs), rng.integers(0, 65536, inputs))
        m.append(scalars.astype(np.uint16))
        # shifts that bring the largest x * m near the limit of p, on either side
        fit = bits["activation_bits"] + 16 - bits["p_bits"]
        shifts.append(int(np.clip(fit + rng.integers(-3, 3), 0, 31)))
    sums = [int(rng.choice([rng.integers(0, 6), rng.integers(0, 16)])) for _ in sizes]
    return BlockDiagonalPart(rank, tuple(w), tuple(m), tuple(shifts), tuple(sums))
