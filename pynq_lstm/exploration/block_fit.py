"""The fastest design of the block-diagonal engine for given models.

A part takes a word for every tile of h and every group of columns of a class; both are known from
the sizes and the rank, so that a bound needs no packing:

    wave >= words + tiles of each part, of all LSTMs, with their overheads
    wave >= words of the hidden part of an LSTM, with the overhead of the way of h
"""

import math
from dataclasses import replace
from itertools import product

import numpy as np

from pynq_lstm import block_mask
from pynq_lstm.accelerator import block_design, design_checks, resources
from pynq_lstm.accelerator.block_design import BlockDesign, BlockPartDesign
from pynq_lstm.errors import CapacityError, DesignError
from pynq_lstm.exploration.fit import Fit, cycles, depth, images, used
from pynq_lstm.exploration.overheads import overheads
from pynq_lstm.exploration.target import most
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

NAME, VERSION = "explored_block_diagonal", 1
MEMORIES = ("bram36", "uram", "lut")


def best(models, target, limit=math.inf, slim=False):
    """The fastest design; of those the one with the fewest multipliers. See `svd_fit.best`."""
    offers = []
    for kind, units, columns in product(
        block_design.MULTIPLIERS, block_design.RANGES["units"], block_design.RANGES["columns"]
    ):
        if units <= columns and (kind == "lut" or units % 2 == 0):
            offers.append((bound(models, units, columns), units * columns, kind, units, columns))
    found, least, modelled, refused, place = None, limit, 0, 0, 0
    for own, _, *sizes in sorted(offers):
        if own >= least:
            break
        place += 1
        design = _design(models, target, *sizes)
        if design is None:
            refused += 1
            continue
        modelled += 1
        taken = cycles(images(models, design))
        if taken < least:
            found, least = design, taken
    counts = modelled, len(offers) - place, refused
    if found is None:
        lowest = min(offers)[0] if place < len(offers) else math.inf
        return Fit(None, max(lowest, limit) if place < len(offers) else math.inf, *counts)
    return Fit(found, least, *counts)


def bound(models, units, columns):
    """Cycles of a wave of every pass, added up; never more than what `cycles` finds.

    Parameters
    ----------
    models : list of CompressedModel
    units, columns : int

    Returns
    -------
    int
    """
    over, total = overheads("block_diagonal"), 0
    for model in models:
        busy, turn = {side: 0 for side in (*PARTS, "sigma")}, 0
        for j, hidden in enumerate(model.hidden_sizes):
            h = block_design.h_tiles(hidden, _largest_rank(model), units)
            tiles = {"input": tile_count(model.input_sizes[j], units), "hidden": h}
            for side in PARTS:
                part = getattr(model, side)
                kept = block_mask.row_index(np.arange(part.w[j].shape[1]), part.rank)
                words = h * max(tile_count(int(np.bincount(kept).max()), columns), 1)
                busy[side] += words + tiles[side] + over.v
            busy["sigma"] += h + over.sigma
            turn = max(turn, words + over.feedback)  # of the hidden part, the last one
        total += max(turn, *busy.values())
    return total


def _largest_rank(model):
    return max(getattr(model, side).rank for side in PARTS)


def _design(models, target, multipliers, units, columns):
    """A design with memories as deep as needed, its slices chosen; None: nothing fits."""
    pairs = max(model.models for model in models)
    inputs = max(max(model.input_sizes) for model in models)
    hidden = max(max(model.hidden_sizes) for model in models)
    part = BlockPartDesign(
        design_checks.U16, design_checks.U16, block_design.PART_RANGES["rows"][-1]
    )
    x = tile_count(inputs, units)
    try:
        widest = BlockDesign(
            NAME,
            VERSION,
            target.part,
            target.clock_mhz,
            models[0].activation_bits,
            max(model.p_bits for model in models),
            max(4, *(model.weight_bits for model in models)),
            multipliers,
            units,
            columns,
            1,
            inputs,
            hidden,
            x,
            pairs,
            pairs * x,
            part,
            part,
        )
    except DesignError:
        return None
    if not _has_room(widest, target, ("dsp",)):
        return None
    try:
        packed = images(models, widest)
    except CapacityError:  # more words than memories have
        return None
    parts = {}
    for side in PARTS:
        words, tiles = (used(packed, f"{side}.{kind}") for kind in ("words", "tiles"))
        rows = max(
            getattr(program, side).groups * getattr(program, side).rank
            for image in packed
            for program in image.programs
        )
        parts[side] = BlockPartDesign(
            depth(max(words, widest.max_h_tiles)),
            depth(max(tiles, widest.x_tiles(side))),
            max(rows, block_design.PART_RANGES["rows"][0]),
        )
    slices = [n for n in range(1, columns + 1) if columns % n == 0]
    offers = [replace(widest, slices=n, **parts) for n in slices]
    fitting = [(_memory(one, target), n, one) for n, one in enumerate(offers)]
    fitting = [offer for offer in fitting if _has_room(offer[2], target)]
    return min(fitting)[2] if fitting else None


def _has_room(design, target, kinds=None):
    found = resources.counts(design)
    if kinds is None:
        return target.holds(found)
    return all(most(found, kind) <= target.available[kind] for kind in kinds)


def _memory(design, target):
    """The share of the memory that is scarcest."""
    found = resources.counts(design)
    return max(most(found, kind) / max(target.available[kind], 1) for kind in MEMORIES)
