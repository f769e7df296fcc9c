"""Random designs of both engines, and random plans that fit one."""

import numpy as np
from random_plans import block_model, random_plan, svd_model

from pynq_lstm.accelerator.block_design import BlockDesign, BlockPartDesign, h_tiles
from pynq_lstm.accelerator.design import Design, PartDesign
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, PlanError
from pynq_lstm.parts.block_diagonal import RANKS
from pynq_lstm.tiles import tile_count

COMMON = {"version": 1, "part": "xczu7ev-ffvc1156-2-e", "clock_mhz": 200}
ENGINES = ("svd", "block_diagonal")
RECORDS = 4096  # of each memory: what limits a model is its shape


def random_design(rng, engine, most):
    """A valid design, whose LSTMs have `most` inputs and hidden units at most, or a few tiles."""
    return {"svd": _svd, "block_diagonal": _block_diagonal}[engine](rng, most)


def _svd(rng, most):
    u_tile = int(rng.choice([4, 8, 16]))
    x_tiles, hidden_tiles = (_log(rng, 2, min(256, max(3, most // u_tile))) for _ in range(2))
    pairs = int(rng.integers(1, 5))
    return Design(
        name="random_svd",
        **COMMON,
        activation_bits=int(rng.choice([8, 16])),
        p_bits=int(rng.integers(4, 17)),
        u_tile=u_tile,
        v_tile=u_tile // 2,
        max_inputs=x_tiles * u_tile,
        max_hidden=hidden_tiles * u_tile,
        max_pairs=pairs,
        max_programs=pairs + int(rng.integers(0, 20)),
        max_slots=int(rng.integers(1, 17)),
        max_route_words=512,
        take_distance=_log(rng, 1, 12),
        input=_svd_part(rng),
        hidden=_svd_part(rng),
    )


def _svd_part(rng):
    return PartDesign(int(rng.integers(1, 17)), _log(rng, 1, 32), RECORDS, RECORDS, RECORDS)


def _block_diagonal(rng, most):
    multipliers = str(rng.choice(["dsp", "lut"]))
    units = int(rng.integers(2, 9))
    units -= units % 2 if multipliers == "dsp" else 0
    columns = units + _log(rng, 1, 24)
    hidden, inputs = (_log(rng, 8, min(most, 160 * units)) for _ in range(2))
    tiles = min(tile_count(max(inputs, hidden), units) * 3, 256)
    hidden_tiles = max(h_tiles(hidden, rank, units) for rank in RANKS)
    pairs = int(rng.integers(1, 5))
    return BlockDesign(
        name="random_block_diagonal",
        **COMMON,
        activation_bits=int(rng.choice([8, 16])),
        p_bits=int(rng.choice([4, 6, 8])),
        weight_bits=int(rng.choice([4, 8])),
        multipliers=multipliers,
        units=units,
        columns=columns,
        slices=int(rng.choice([n for n in range(1, columns + 1) if columns % n == 0])),
        max_inputs=inputs,
        max_hidden=hidden,
        max_x_tiles=tiles,
        max_pairs=pairs,
        max_route_words=512,
        input=BlockPartDesign(RECORDS, pairs * tiles, 128),
        hidden=BlockPartDesign(RECORDS, pairs * hidden_tiles, 128),
    )


def _log(rng, low, high):
    """A whole number from `low` to `high`, small ones as likely as large ones."""
    return int(np.floor(np.exp(rng.uniform(np.log(low), np.log(high + 1)))))


def random_image(rng, design):
    """A packed plan that fits: LSTMs side by side, stacked or with routes; any ranks and tiles."""
    while True:
        try:
            return pack(_plan(rng, design), design)
        except (CapacityError, PlanError):  # too large, or added sources that do not align
            continue


def _plan(rng, design):
    if design.engine == "svd":
        make, bits = svd_model, {"p_bits": int(rng.integers(4, design.p_bits + 1))}
        lanes = min(design.input.u_lanes, design.hidden.u_lanes)
        bits["max_components"] = int(rng.integers(1, max(1, lanes * design.max_slots // 4) + 1))
    else:
        make, bits = block_model, {"p_bits": design.p_bits, "weight_bits": design.weight_bits}
    bits["activation_bits"] = design.activation_bits
    inputs, hidden = design.max_inputs, design.max_hidden
    if rng.random() < 0.6:
        return random_plan(rng, bits, min(inputs, hidden), design.u_tile, make)
    models = int(rng.integers(1, 2 * design.max_pairs + 1))
    sizes = rng.integers(1, (inputs + 1, hidden + 1)).tolist()
    return Plan.of_model(make(rng, *((size,) * models for size in sizes), bits))
