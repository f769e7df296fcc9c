"""Bars of a step by themselves; tests/hls/test_random_designs.py holds them to the simulation."""

from dataclasses import replace

import cycle_shapes
import numpy as np
import pytest
from designs import BLOCKS, BLOCKS_TINY, DEFAULT
from random_block_models import sized_block_model
from random_designs import ENGINES, random_design, random_image

from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.timing.call import processes
from pynq_lstm.accelerator.timing.schedule import schedule
from pynq_lstm.errors import InputError

ORDER = ("route", "input_u", "input_s", "input_v", "sigma_unit", "collect")  # of x on its way


def image(*shape):
    return pack(Plan.of_model(cycle_shapes.model(*shape)), DEFAULT)


def block_image(design, size):
    bits = {"activation_bits": 8, "weight_bits": 4}
    model = sized_block_model(np.random.default_rng(0), (size,), (size,), (4, 4), **bits)
    return pack(Plan.of_model(model), design)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(12))
def test_bars_of_random_designs(engine, seed):
    rng = np.random.default_rng([seed, 5])
    design = random_design(rng, engine, 128)
    packed = random_image(rng, design)
    bars, wave = schedule(packed), wave_cycles(packed).wave
    assert {bar.process for bar in bars} <= set(processes(design))
    assert {bar.pair for bar in bars} == set(range(len(packed.pairs)))
    assert min(bar.start for bar in bars) == 0
    for bar in bars:
        assert isinstance(bar.start, int) and bar.start < bar.end
        assert bar.start == min(loop.start for loop in bar.loops)
        assert bar.end == max(loop.end for loop in bar.loops)
        ends = [loop.end for loop in bar.loops]
        assert ends == sorted(ends)
    for process in processes(design):  # it works on one pair at a time, and within a wave
        own = [bar for bar in bars if bar.process == process]
        assert all(a.end <= b.start for a, b in zip(own, own[1:]))
        assert not own or own[-1].end - own[0].start <= wave + len(packed.pairs)


def test_data_flow_from_process_to_process():
    bars = {bar.process: bar for bar in schedule(image(1024, 512, 16, 2, 0.5, 0.875))}
    assert set(bars) == set(processes(DEFAULT))
    for before, after in zip(ORDER, ORDER[1:]):
        assert bars[before].start < bars[after].start and bars[before].end < bars[after].end
    for side in ("input", "hidden"):
        assert bars[f"{side}_u"].loops[1].start < bars[f"{side}_s"].start  # its slots first
    words = next(loop for loop in bars["hidden_v"].loops if loop.label == "v_words")
    assert words.end < bars["sigma_unit"].end


def test_words_take_a_cycle_each_at_least():
    packed = image(256, 128, 8, 2, 1, 1)
    part = packed.program(0, 100).hidden
    loops = {(bar.process, own.label): own for bar in schedule(packed) for own in bar.loops}
    depth = Latencies.load().depth("u_words")
    assert loops["hidden_u", "u_words"].end - loops["hidden_u", "u_words"].start >= (
        part.u.words - 1 + depth
    )


def test_a_step_of_a_smaller_prefix_ends_earlier():
    packed = image(1024, 512, 16, 2, 0.5, 0.875)
    few, many = (max(bar.end for bar in schedule(packed, k)) for k in (2, 16))
    assert few < many


def test_latencies_count():
    packed = block_image(BLOCKS, 200)
    nominal = Latencies.of(BLOCKS)
    loop = replace(nominal.loops["step_tiles"], depth=nominal.loops["step_tiles"].depth + 9)
    deeper = replace(nominal, loops={**nominal.loops, "step_tiles": loop})
    lengths = [
        next(
            bar.end - bar.start
            for bar in schedule(packed, None, lat)
            if bar.process == "sigma_unit"
        )
        for lat in (nominal, deeper)
    ]
    assert lengths[1] >= lengths[0] + 9


@pytest.mark.parametrize("refinements", [0, 65_536, 1.5, True, "4"])
def test_prefixes_that_no_run_takes(refinements):
    with pytest.raises(InputError, match="refinements"):
        schedule(block_image(BLOCKS_TINY, 8), refinements)
