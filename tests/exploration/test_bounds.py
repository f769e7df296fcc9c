"""Bounds of the time are never more than the model of cycles says, and seldom much less."""

from dataclasses import replace

import numpy as np
import pytest
from designs import BLOCKS, DEFAULT
from fitting_models import fitting_model
from random_block_models import sized_block_model

from pynq_lstm.accelerator.block_design import BlockPartDesign
from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.exploration import block_fit, lists, svd_bounds, svd_fit, svd_ranks, svd_space
from pynq_lstm.exploration.svd_schedule import Schedules
from pynq_lstm.exploration.target import Target
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

ZCU104 = Target.of("zcu104")


def a_model(rng, u_tile, components=12):
    sizes = replace(
        DEFAULT, u_tile=u_tile, v_tile=u_tile // 2, max_inputs=64, max_hidden=64, max_programs=64
    )
    return fitting_model(rng, sizes, models=int(rng.integers(1, 4)), max_components=components)


@pytest.mark.parametrize("seed", range(6))
def test_svd(seed):
    """Lists bound the time; with the schedules of their words it is exact."""
    rng = np.random.default_rng(seed)
    u_tile = int(rng.choice([4, 8, 16]))
    model = a_model(rng, u_tile)
    plan, every = Plan.of_model(model), lists.of_model(model, u_tile)
    frame = svd_space.Frame.of([model], len(plan.pairs), ZCU104)
    schedules = Schedules(every, u_tile, model.activation_bits)
    around = svd_bounds.around(model, plan.pairs, u_tile)
    bounds = [
        svd_bounds.of_part(side, every, [np.array([len(one[side].components.u)]) for one in every])
        for side in PARTS
    ]
    for _ in range(3):
        lanes = [(int(rng.integers(4, 17)), int(rng.integers(1, 65))) for _ in PARTS]
        bound = max(around, *(b[0, u - 1, v - 1] for b, (u, v) in zip(bounds, lanes)))
        listed = max(around, *(schedules.cycles(s, *own) for s, own in zip(PARTS, lanes)))
        wave = wave_cycles(pack(plan, frame.design(u_tile, lanes))).wave
        assert bound <= listed <= wave
        assert listed >= 0.97 * wave and bound >= 0.7 * wave


@pytest.mark.parametrize("seed", range(3))
def test_ranks(seed):
    """No prefix is faster on any design than its pair of ranks is said to be at least."""
    rng = np.random.default_rng(seed)
    model = replace(a_model(rng, 8, 10), prefixes=None)
    ranks = tuple(np.arange(1, getattr(model, side).max_refinements + 1) for side in PARTS)
    bounds = svd_ranks.bounds([model], [ranks], ZCU104)
    assert bounds.shape == tuple(map(len, ranks))
    assert (np.diff(bounds, axis=0) >= 0).all() and (np.diff(bounds, axis=1) >= 0).all()
    from pynq_lstm.budgets import prefixes

    for _ in range(2):
        at = tuple(int(rng.integers(len(own))) for own in ranks)
        one = prefixes.prefix(model, [int(own[k]) for own, k in zip(ranks, at)])
        assert bounds[at] <= svd_fit.best([one], ZCU104).cycles


@pytest.mark.parametrize("seed", range(4))
def test_block_diagonal(seed):
    rng = np.random.default_rng(seed)
    sizes = [tuple(int(v) for v in rng.integers(16, 65, 2)) for _ in PARTS]
    model = sized_block_model(rng, *sizes, activation_bits=8)
    part = BlockPartDesign(4096, 1024, 256)
    for units, columns in ((2, 9), (6, 25), (16, 40)):
        design = replace(
            BLOCKS, weight_bits=8, units=units, columns=columns, slices=1, max_inputs=64,
            max_hidden=64, max_x_tiles=64, input=part, hidden=part,
        )  # fmt: skip
        wave = wave_cycles(pack(Plan.of_model(model), design)).wave
        assert 0.8 * wave <= block_fit.bound([model], units, columns) <= wave


def test_what_lanes_take():
    """The sums of both parts are what the estimate says, but for the rounding of its items."""
    rng = np.random.default_rng(0)
    frame = svd_space.Frame(ZCU104.part, 200, 8, 10, 28, 100, 2)
    for u_tile in svd_space.U_TILES:
        taken = svd_space.taken(frame, u_tile)
        x, h = tile_count(28, u_tile), tile_count(100, u_tile)
        depths = (x, 1, 2 * h), (h, 1, 2 * h)
        for _ in range(5):
            lanes = [(int(rng.integers(1, 17)), int(rng.integers(1, 65))) for _ in PARTS]
            whole = svd_space.vector(frame.design(u_tile, lanes, 1, depths))
            told = taken.base + sum(p[u - 1, v - 1] for p, (u, v) in zip(taken.parts, lanes))
            assert (told <= whole).all() and (told >= whole - 8).all()
            assert (told[:4] == whole[:4]).all()  # all but LUTs and flip-flops exactly
