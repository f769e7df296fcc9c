"""The shape that the accelerator is sized for: two LSTMs of Ribes et al. 2020's default size."""

import numpy as np

from pynq_lstm.model import CompressedModel, Part

U_TILES, V_TILES = 32, 64  # of a vector


def model(
    seed=0, inputs=1024, hidden=512, refinements=16, models=2, bits=8, u_kept=1 / 2, v_kept=7 / 8
):
    """Some of the tiles of u and v kept, half and seven eighths by default, at uniform places.

    Vectors of 32 and 64 tiles, as in the original; every component keeps the same number of
    them. Codes are random, and small enough for the accumulators of `bits` bits.
    """
    rng = np.random.default_rng(seed)
    parts = [
        part(rng, length, hidden, refinements, models, bits, (u_kept, v_kept))
        for length in (inputs, hidden)
    ]
    return CompressedModel(
        input_sizes=(inputs,) * models,
        hidden_sizes=(hidden,) * models,
        activation_bits=bits,
        weight_bits=8,
        p_bits=10 if bits == 8 else 16,
        x_inverse_scale=(128.0,) * models,
        cell_fraction_bits=(11,) * models,
        pre_shift=(4,) * models,
        input=parts[0],
        hidden=parts[1],
        bias=tuple(rng.integers(-20000, 20000, 4 * hidden).astype(np.int32) for _ in range(models)),
    )


def part(rng, length, hidden, refinements, models, bits, kept):
    u_tile, v_tile = max(1, length // U_TILES), max(1, hidden // V_TILES)
    components = 4 * refinements
    gate = np.arange(components) % 4
    u_tiles = length // u_tile
    u_mask = fixed_count(rng, components, u_tiles, int(u_tiles * kept[0]))
    v_tiles = hidden // v_tile
    v_mask = np.zeros((components, 4, v_tiles), bool)
    own = fixed_count(rng, components, v_tiles, int(v_tiles * kept[1]))
    v_mask[np.arange(components), gate] = own
    top = 127 if bits == 8 else 30
    u = rng.integers(-top, top + 1, (components, length)).astype(np.int8)
    v = rng.integers(-127, 128, (components, 4, hidden)).astype(np.int8)
    u[~np.repeat(u_mask, u_tile, axis=-1)] = 0
    v[~np.repeat(v_mask, v_tile, axis=-1)] = 0
    s = rng.integers(-32767, 32768, (components, models)).astype(np.int16)
    shifts = (29 if bits == 8 else 31,) * models
    return Part((refinements,) * 4, u, u_mask, v, v_mask, s, shifts, u_tile, v_tile)


def fixed_count(rng, rows, columns, count):
    """Rows with `count` of `columns` true, at uniformly drawn places."""
    order = rng.random((rows, columns)).argsort(axis=1)
    return order < count
