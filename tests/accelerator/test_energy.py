"""The model of energy: terms that add up, idle cycles, widths, counts by hand, errors."""

from dataclasses import asdict, replace

import cycle_shapes
import numpy as np
import pytest
from designs import BLOCKS, BLOCKS_LUT, BLOCKS_TINY, BLOCKS_W8, DEFAULT
from random_block_models import sized_block_model

from pynq_lstm.accelerator import energy_activity, kernel_memories
from pynq_lstm.accelerator.cycles import run_cycles, wave_cycles
from pynq_lstm.accelerator.energy import (
    PartEnergy,
    bounds,
    operation_pj,
    run_energy,
    wave_energy,
)
from pynq_lstm.accelerator.energy_constants import HIGH, LOW, NOMINAL, EnergyConstants
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import InputError


def block_image(design=BLOCKS, inputs=200, hidden=200, rank=4, models=1):
    model = sized_block_model(
        np.random.default_rng(0),
        (inputs,) * models,
        (hidden,) * models,
        (rank, rank),
        activation_bits=design.activation_bits,
        weight_bits=4,
    )
    return pack(Plan.of_model(model), design)


def svd_image(*shape, design=DEFAULT):
    return pack(Plan.of_model(cycle_shapes.model(*shape)), design)


IMAGES = {
    "block-diagonal": lambda: block_image(),
    "three LSTMs": lambda: block_image(models=3, hidden=50),
    "svd": lambda: svd_image(256, 128, 8),
    "svd, four LSTMs": lambda: svd_image(64, 64, 4, 4),
    "svd, routes": lambda: pack(cycle_shapes.routed(64, 64, 64), DEFAULT),
}


@pytest.fixture(params=IMAGES)
def image(request):
    """Packed plans of both engines."""
    return IMAGES[request.param]()


# --- sums -------------------------------------------------------------------------------------
def test_the_terms_add_up(image):
    energy = wave_energy(image)
    told = energy.to_json()
    terms = [told[f"{name}_nj"] for name in ("operations", "memory", "clock", "static", "dram")]
    assert min(terms) > 0
    assert told["total_nj"] == pytest.approx(sum(terms)) == pytest.approx(energy.total)
    seconds = energy.microseconds / 1e6
    assert energy.watts * seconds == pytest.approx((energy.total - energy.dram) * 1e-9)
    assert energy.gated == pytest.approx(energy.total - energy.gating_saves)
    assert sum(told["idle_clock_nj"].values()) == pytest.approx(energy.gating_saves)
    assert 0 < energy.gating_saves < told["clock_nj"]
    assert energy.gated_watts < energy.watts


def test_a_run_is_its_waves_and_the_cycles_between():
    image = block_image()
    wave, one, many = wave_energy(image), run_energy(image, [20]), run_energy(image, [60])
    for name, part in wave.parts.items():
        for term in ("work", "operations", "memory"):
            assert getattr(one.parts[name], term) == pytest.approx(20 * getattr(part, term))
    assert many.total - one.total == pytest.approx(40 * wave.total)
    assert one.cycles == run_cycles(image, [20]) > 20 * wave.cycles
    assert run_energy(image, [20, 20]).total > 1.9 * one.total


def test_every_memory_that_is_accessed_is_one_of_the_kernel(image):
    units = wave_cycles(image).units
    owned = energy_activity.parts(image, 1, units)
    names = [name for part in owned.values() for name in part.accesses]
    names += energy_activity.around(image)
    design = image.design
    known = {m.name for m in [*kernel_memories.arrays(design), *kernel_memories.fifos(design)]}
    assert len(names) == len(set(names)) and set(names) <= known
    # commands, loading and the run's report are all that is left out
    left_out = {n for n in known - set(names) if not n.endswith(("_calls", "_clips"))}
    assert left_out <= {"reports", "image", "primed", "dispatch.programs"}


# --- idle cycles ------------------------------------------------------------------------------
def test_idle_cycles_are_those_of_the_model_of_cycles(image):
    cycles, energy = wave_cycles(image), wave_energy(image)
    for name, idle in cycles.idle.items():
        assert energy.parts[name].idle == pytest.approx(idle)
    assert all(
        part.work + part.idle == pytest.approx(cycles.wave) for part in energy.parts.values()
    )
    assert all(part.idle >= 0 for part in energy.parts.values())


def test_without_idle_cycles_nothing_is_saved():
    busy = PartEnergy(work=72, idle=0, operations=5.0, memory=4.0, clock=3.0)
    assert busy.idle_clock == 0 and busy.total == 12
    energy = replace(wave_energy(block_image()), parts={"part": busy})
    assert energy.gating_saves == 0
    assert energy.gated == energy.total and energy.gated_watts == energy.watts
    half = replace(busy, work=36, idle=36)
    assert half.idle_clock == 1.5


def test_without_clocks_nothing_is_saved():
    energy = wave_energy(block_image(), constants=replace(NOMINAL, clock_share=0))
    assert energy.gating_saves == 0 and energy.to_json()["clock_nj"] == 0


def test_the_input_part_has_more_to_save_where_it_has_less_to_do():
    wide, narrow = (wave_energy(block_image(inputs=n)) for n in (200, 50))
    assert narrow.cycles == wide.cycles  # the feedback sets both
    assert narrow.parts["input_part"].idle > wide.parts["input_part"].idle
    assert narrow.gating_saves > wide.gating_saves and narrow.total < wide.total


# --- widths -----------------------------------------------------------------------------------
@pytest.mark.parametrize("constants", [LOW, NOMINAL, HIGH])
def test_wider_operands_take_more(constants):
    widths = [(4, 4), (4, 8), (8, 8), (8, 16), (16, 16)]
    taken = [operation_pj(pair, sum(pair) + 5, constants) for pair in widths]
    assert taken == sorted(set(taken))
    assert operation_pj((4, 8), 12, constants) == operation_pj((8, 4), 12, constants)


def test_wider_designs_take_more():
    narrow, wide = (wave_energy(block_image(design)) for design in (BLOCKS, BLOCKS_W8))
    assert narrow.cycles == wide.cycles and narrow.static == wide.static
    for side in ("input", "hidden"):
        ours, theirs = (energy.parts[f"{side}_part"] for energy in (narrow, wide))
        assert ours.operations < theirs.operations and ours.memory < theirs.memory
        assert ours.clock < theirs.clock
    designs = DEFAULT, replace(DEFAULT, p_bits=16)
    ten, sixteen = (wave_energy(svd_image(64, 32, 4, design=design)) for design in designs)
    assert sixteen.parts["hidden_v"].operations > ten.parts["hidden_v"].operations


def test_products_of_luts_take_more_than_those_of_dsps():
    dsp, lut = (wave_energy(block_image(design)) for design in (BLOCKS, BLOCKS_LUT))
    assert lut.cycles == dsp.cycles and lut.total > dsp.total
    ratio = lut.parts["input_part"].operations / dsp.parts["input_part"].operations
    assert ratio == pytest.approx(NOMINAL.fabric_lut / NOMINAL.fabric_dsp)


def test_a_larger_rank_takes_less():
    totals = [wave_energy(block_image(rank=rank)).dynamic for rank in (2, 4, 8)]
    assert totals == sorted(totals, reverse=True)


# --- counts and constants ---------------------------------------------------------------------
def test_counts_by_hand():
    """H = I = 200, p = 4: 36 tiles of h, 50 columns of each class, that is two words a tile."""
    image = block_image()
    parts = energy_activity.parts(image, 1, wave_cycles(image).units)
    words = parts["hidden_part"]
    assert (words.work, words.operations, words.full) == (72, 4 * 200 * 50, 600)
    assert words.factors == (4, 8)
    assert words.sum_bits == 4 + 8 + 5 + 32 / 25
    assert words.accesses == {"hidden_part.words": 72 * 5, "hidden_part.x": 200 + 72 * 25}
    assert parts["hidden_scaling"].work == 36
    energy = wave_energy(image)
    each = 7.1 * (NOMINAL.product * 32 + NOMINAL.sum * words.sum_bits)
    assert energy.parts["hidden_part"].operations == pytest.approx(40_000 * each / 1000)
    read, written = 34, 36  # beats: tiles of x and of h
    assert energy.dram == pytest.approx((read + written) * 128 * NOMINAL.dram / 1000)
    assert energy.static == pytest.approx(0.694 * energy.cycles / 200 * 1000)


def test_rules_by_bits_are_near_what_was_published_for_32_bits():
    """Horowitz 2014 and Jouppi 2021: a product of 32 bits, sums of 8 bits."""
    for constants, product, small_sum in ((HIGH, 3.1, 0.03), (LOW, 1.48, 0.007)):
        assert constants.product * 32 * 32 == pytest.approx(product, rel=0.25)
        assert constants.sum * 8 == pytest.approx(small_sum, rel=0.2)


def test_the_range_holds_the_nominal_value(image):
    low, high = bounds(wave_energy, image)
    nominal = wave_energy(image)
    for name in ("dynamic", "dram", "total", "watts", "gating_saves"):
        assert getattr(low, name) < getattr(nominal, name) < getattr(high, name)
    assert low.static == high.static  # one figure was published
    assert bounds(run_energy, image, [5])[0].total > 4 * low.total


BAD = [
    ("product", -1, "not a finite number"),
    ("sum", float("nan"), "not a finite number"),
    ("dram", float("inf"), "not a finite number"),
    ("static", "0.7", "not a finite number"),
    ("large_memory", True, "not a finite number"),
    ("clock_share", 1.0, "not a share"),
]


@pytest.mark.parametrize("field, value, problem", BAD)
def test_constants_that_are_none_are_named(field, value, problem):
    with pytest.raises(InputError, match=rf"constants.{field} = .*{problem}"):
        EnergyConstants(**{**asdict(NOMINAL), field: value})


def test_other_bad_input_is_named():
    image = block_image(BLOCKS_TINY, 8, 8)
    with pytest.raises(InputError, match="constants = 3: no EnergyConstants"):
        wave_energy(image, constants=3)
    with pytest.raises(InputError, match="refinements = 0"):
        wave_energy(image, 0)
    with pytest.raises(InputError, match="no sequence"):
        run_energy(image, [])
    with pytest.raises(InputError, match=r"lengths\[0\]"):
        run_energy(image, [0])
