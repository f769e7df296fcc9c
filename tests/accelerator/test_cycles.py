"""The model of cycles by itself: circuits, terms by hand, limits, utilisation, errors."""

from dataclasses import replace

import cycle_shapes
import numpy as np
import pytest
from designs import DEFAULT

from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_cycles
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.timing.max_plus import CLOSE, Edge, settle
from pynq_lstm.errors import DesignError, InputError

LATENCIES = Latencies.load()


def image(*shape, **named):
    return pack(Plan.of_model(cycle_shapes.model(*shape, **named)), DEFAULT)


# --- circuits ---------------------------------------------------------------------------------
def circuits(edges):
    """Every circuit that passes no event twice, by trying all ways."""

    def extend(path):
        for edge in edges:
            if edge.source == path[-1].target:
                if edge.target == path[0].source:
                    yield [*path, edge]
                elif edge.target not in {e.source for e in path}:
                    yield from extend([*path, edge])

    for edge in edges:
        if edge.source == edge.target:
            yield [edge]
        else:
            yield from extend([edge])


def random_edges(rng):
    """A few events in an order; edges back in it pass a wave or two."""
    count = int(rng.integers(2, 6))
    for _ in range(int(rng.integers(count, 3 * count))):
        source, target = rng.integers(0, count, 2).tolist()
        waves = int(rng.integers(1, 3)) if source >= target else int(rng.integers(0, 2))
        yield Edge(source, target, float(rng.integers(0, 50)), waves)


def test_the_period_is_that_of_the_slowest_circuit():
    rng, settled = np.random.default_rng(3), 0
    for _ in range(300):
        edges = list(random_edges(rng))
        rates = [sum(e.cycles for e in c) / sum(e.waves for e in c) for c in circuits(edges)]
        pace = settle(edges)
        assert (pace is None) == (max(rates, default=0) == 0)
        if pace is None:
            continue
        settled += 1
        assert pace.period == pytest.approx(max(rates))
        ends = [e.target for e in pace.circuit]
        assert [e.source for e in pace.circuit] == [ends[-1], *ends[:-1]]
        own = sum(e.cycles for e in pace.circuit) / sum(e.waves for e in pace.circuit)
        assert own == pytest.approx(pace.period)
        for edge in edges:  # nothing happens before what it waits for
            waited = pace.times[edge.source] + edge.cycles - pace.period * edge.waves
            assert pace.times[edge.target] >= waited - 10 * CLOSE
    assert settled > 200


# --- terms by hand ----------------------------------------------------------------------------
def alone(label, count):
    return 2 + count - 1 + LATENCIES.loops[label].depth  # a state before and one after it


def test_processes_take_their_loops_and_what_stands_around_them():
    made = image(256, 128, 8)
    program, busy = made.program(0, 8), wave_cycles(made).processes
    call = 2  # the turn of the loop over calls, the command
    for side in ("input", "hidden"):
        u, v = getattr(program, side).u, getattr(program, side).v
        slots = alone("u_slots", u.slots)
        assert busy[f"{side}_u"] == call + alone("u_words", u.words) + slots
        assert busy[f"{side}_s"] == call + alone("s_slots", u.slots) + 1
        words = alone("v_words", v.words)
        assert busy[f"{side}_v"] == call + alone("v_copies", u.slots) + words
    assert busy["dispatch"] == 1 + 10 + alone("x_beats", 16 * 2)
    assert busy["route"] == call + 2 + alone("route_words", 16)  # 2: no h to collect
    assert busy["sigma_unit"] == call + alone("step_tiles", 16) + 2
    assert busy["h_tiles"] == call + alone("join_tiles", 16)
    assert (busy["read_memory"], busy["write_memory"]) == (32, 16)


def test_the_feedback_of_one_tile_is_the_sum_of_its_stations():
    made = image(16, 8, 1, u_share=1, v_share=1)
    u, v = made.program(0, 1).hidden.u, made.program(0, 1).hidden.v
    assert (u.slots, v.words, u.takes.tolist()) == (1, 1, [0])
    depth = {label: loop.depth for label, loop in LATENCIES.loops.items()}
    fifo, state = 1, 1  # a token is read one cycle after it was written
    loop = depth["join_tiles"] + fifo
    loop += u.words - 1 + depth["u_words"] + state + state + depth["u_slots"] + fifo
    loop += depth["s_slots"] + fifo + depth["v_copies"] + state + state
    loop += depth["v_words"] + fifo + depth["step_tiles"] + fifo
    cycles = wave_cycles(made)
    assert cycles.feedback == (loop,) and cycles.wave == loop
    assert cycles.limit == "feedback"


def test_two_pairs_share_the_processes_and_keep_their_own_feedback():
    one, two = (wave_cycles(image(256, 128, 8, models)) for models in (2, 4))
    assert two.feedback == 2 * one.feedback
    assert all(two.processes[name] == 2 * busy for name, busy in one.processes.items())
    assert one.wave < two.wave < 2 * one.wave


def test_a_stalling_loop_on_the_way_of_h_takes_cycles():
    stalling = {label: replace(loop, style="stp") for label, loop in LATENCIES.loops.items()}
    made = image(128, 128, 26, 2, 0.5, 1)  # more than a word of V for each tile
    assert wave_cycles(made, latencies=replace(LATENCIES, loops=stalling)).wave > (
        wave_cycles(made).wave + 5
    )


# --- limits -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "plan, limit",
    [
        (Plan.of_model(cycle_shapes.model(1024, 512, 16)), "input_u"),
        (Plan.of_model(cycle_shapes.model(1024, 8, 4)), "dispatch"),
        (Plan.of_model(cycle_shapes.model(16, 8, 4, 8)), "sigma_unit"),
        (Plan.of_model(cycle_shapes.model(16, 64, 40, 6)), "hidden_u"),
        (Plan.of_model(cycle_shapes.model(256, 128, 8)), "feedback"),
        (cycle_shapes.to_itself(128), "routes"),
        (cycle_shapes.routed(64, 64, 64), "routes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_limits_are_named(plan, limit):
    cycles = wave_cycles(pack(plan, DEFAULT))
    named = {**cycles.processes, "feedback": max(cycles.feedback), "routes": cycles.routes}
    assert cycles.limit == limit
    assert cycles.wave == pytest.approx(named[limit])
    assert max(named.values()) <= cycles.wave + CLOSE
    assert {edge.target for edge in cycles.circuit} == {edge.source for edge in cycles.circuit}
    assert cycles.microseconds == pytest.approx(cycles.wave / 200)


def test_more_work_and_deeper_loops_take_no_less():
    waves = [wave_cycles(image(256, 128, refinements)).wave for refinements in (1, 2, 4, 8, 16)]
    assert waves == sorted(waves) and waves[0] < waves[-1]
    made = image(256, 128, 8)
    waves = [wave_cycles(made, refinements).wave for refinements in (1, 2, 4, 8)]
    assert waves == sorted(waves) and waves[0] < waves[-1]
    waves = [
        wave_cycles(made, latencies=replace(LATENCIES, depth_factor=factor)).wave
        for factor in (0.5, 1, 2)
    ]
    assert waves == sorted(set(waves))


# --- utilisation ------------------------------------------------------------------------------
@pytest.mark.parametrize("models", [1, 2, 3])
def test_multiplications_are_those_of_present_tiles(models):
    model = cycle_shapes.model(256, 128, 8, models)
    cycles = wave_cycles(pack(Plan.of_model(model), DEFAULT))
    for side in ("input", "hidden"):
        part = getattr(model, side)
        u, v = np.count_nonzero(part.u), np.count_nonzero(part.v)
        assert cycles.units[f"{side}_u"].macs == u * models
        assert cycles.units[f"{side}_v"].macs == v * models
    assert cycles.units["input_u"].macs_a_cycle == 2 * 13 * 16
    assert cycles.units["hidden_v"].macs_a_cycle == 2 * 4 * 16 * 8


def test_utilisation_is_a_share_of_what_is_in_progress():
    for _, plan in cycle_shapes.plans():
        cycles = wave_cycles(pack(plan, DEFAULT))
        assert 0 < cycles.wave_utilisation < cycles.utilisation <= 1
        for unit in cycles.units.values():
            assert unit.words <= unit.in_progress <= cycles.wave
            assert 0 < unit.utilisation <= 1


def test_hidden_u_waits_for_tiles_after_its_first_word():
    units = wave_cycles(image(1024, 512, 2)).units
    assert units["hidden_u"].in_progress > units["hidden_u"].words + 10
    assert units["hidden_v"].in_progress == units["hidden_v"].words


# --- commands ---------------------------------------------------------------------------------
def test_a_longer_run_takes_a_wave_for_every_step():
    made = image(256, 128, 8)
    wave = wave_cycles(made).wave
    assert run_cycles(made, [60]) - run_cycles(made, [40]) == pytest.approx(20 * wave)
    assert run_cycles(made, [40] * 3) < 3 * run_cycles(made, [40])
    plain = run_cycles(made, [8, 8])
    assert plain < run_cycles(made, [8, 8], state=True)
    assert plain < run_cycles(made, [8, 8], keep=True)


def test_a_lag_takes_a_wave():
    layers = [cycle_shapes.model(64, 64, 4, seed=seed) for seed in (1, 2)]
    made = pack(Plan.stacked(layers, [0]), DEFAULT)
    assert run_cycles(made, [1]) > 2 * wave_cycles(made).wave


def test_a_load_takes_longer_than_a_pass_over_the_image():
    small, large = image(64, 64, 4), image(1024, 512, 8)
    assert load_cycles(small) < load_cycles(large)
    assert load_cycles(large) > 17 * len(large.beats)  # 16 of the CRC, 1 of the image


# --- errors -----------------------------------------------------------------------------------
@pytest.mark.parametrize("refinements", [0, -1, 1.0, True, "2", 65_536])
def test_prefixes_that_no_run_takes(refinements):
    with pytest.raises(InputError, match="refinements = .*from 1 to 65535"):
        wave_cycles(image(16, 8, 1), refinements)


@pytest.mark.parametrize("lengths", [[0], [3, 2.5], [65_536], []])
def test_lengths_that_no_run_takes(lengths):
    with pytest.raises(InputError, match=r"lengths(\[\d\])? = "):
        run_cycles(image(16, 8, 1), lengths)


@pytest.mark.parametrize(
    "changes",
    [
        {"depth_factor": 0},
        {"depth_factor": float("nan")},
        {"depth_factor": "2"},
        {"loop_entry": -1},
        {"memory_read": None},
        {"loops": {"u_words": replace(LATENCIES.loops["u_words"], depth=0)}},
        {"loops": {"u_words": replace(LATENCIES.loops["u_words"], ii=0)}},
    ],
    ids=str,
)
def test_latencies_that_no_hardware_has(changes):
    with pytest.raises(DesignError, match=r"latencies\.\w+"):
        replace(LATENCIES, **changes)


def test_a_loop_without_a_depth_is_named():
    loops = {label: loop for label, loop in LATENCIES.loops.items() if label != "step_tiles"}
    with pytest.raises(DesignError, match="step_tiles"):
        wave_cycles(image(16, 8, 1), latencies=replace(LATENCIES, loops=loops))
