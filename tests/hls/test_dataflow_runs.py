"""The small kernel in the timed simulation: right results, steady cycles, honest reports."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "dataflow"))

import dataflow  # noqa: E402
import small_kernel  # noqa: E402

STEPS = 30


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mini")
    return small_kernel.build_timed(small_kernel.copied(folder), folder / "build")


def test_results_are_those_of_the_recurrence(mini):
    x = small_kernel.inputs(STEPS)
    report, out = small_kernel.run_timed(mini, x)
    assert not report.failed, report.why
    np.testing.assert_array_equal(out, small_kernel.expected(x))


def test_calls_of_the_library_follow_one_another(mini):
    simulation = dataflow.Simulation(mini, small_kernel.TOP)
    for steps in (1, 5, 2):
        x = small_kernel.inputs(steps, seed=steps)
        _, out, status = small_kernel.call(simulation.ffi, simulation.lib.mini_top, x)
        assert status == 0 and not simulation.lib.hlssim_failed()
        np.testing.assert_array_equal(out, small_kernel.expected(x))
        assert len(simulation.report().process("sigma").ends) == steps


def test_an_early_return_of_the_top(mini):
    x = small_kernel.inputs(2)
    x[0, 0] = 5000
    report, out = small_kernel.run_timed(mini, x)
    assert not report.failed and not out.any()
    assert report.processes == {} and report.cycles < 200


def test_runs_are_deterministic(mini):
    x = small_kernel.inputs(STEPS)
    assert small_kernel.run_timed(mini, x)[0] == small_kernel.run_timed(mini, x)[0]


def test_report_of_a_run(mini):
    report = small_kernel.run_timed(mini, small_kernel.inputs(STEPS))[0].require_clean()
    assert "assumed" in report.basis
    assert set(report.processes) == {"read_memory", "waves", "write_memory"} | {
        f"waves/{name}"
        for name in ("dispatch", "route", "unit<InputPart>", "h_tiles", "unit<HiddenPart>")
        + ("sigma", "collect")
    }
    feedback = report.fifo("feedback")
    assert (feedback.depth, feedback.tokens) == (16, (STEPS - 1) * small_kernel.TILES)
    assert [report.fifo(f"commands[{i}]").depth for i in range(3)] == [2, 2, 2]
    assert report.fifo("out").depth == 2  # no STREAM pragma: Vitis' default
    assert all(1 <= f.high_water <= f.depth for f in report.fifos.values())
    words = [loop for loop in report.loops if loop.label == "unit.words"]  # an instance a part
    assert sorted(loop.iterations for loop in words) == [8 * STEPS, 16 * STEPS]
    assert {(loop.depth, loop.stalling) for loop in words} == {(4, False)}
    memory = [loop for loop in report.loops if loop.label.endswith(".burst")]
    assert all(loop.stalling for loop in memory)  # no style of theirs flushes


def steady(report):
    """Cycles a step once the start is over; the same for all of them."""
    periods = set(report.process("sigma").periods[10:])
    assert len(periods) == 1, periods
    return periods.pop()


def test_steady_state_is_the_slower_of_two_loops(mini):
    """The input part's own work, or the way of h through the hidden part and back."""
    x = small_kernel.inputs(STEPS)
    usual, _ = small_kernel.run_timed(mini, x)
    t = usual.settings
    around = t["loop_entry"] + t["loop_exit"]
    words, emits = 15 + 4, small_kernel.TILES - 1 + 1  # last start and depth
    start = t["call_start"] + t["sequential_access"] + t["sequential_iteration"]
    assert steady(usual) == start + around + words + around + emits
    # a pass of h: depth and FIFO of sigma, h_tiles, the last tile of the words, emit
    slow, _ = small_kernel.run_timed(mini, x, **{"depth:sigma.tiles": 40})
    assert steady(slow) == (40 + 1) + (2 + 1) + (7 + 4) + around + (1 + 1)


def test_deeper_pipelines_take_longer(mini):
    x = small_kernel.inputs(STEPS)
    cycles = [steady(small_kernel.run_timed(mini, x, depth_factor=f)[0]) for f in (0.5, 1, 2)]
    assert cycles[0] < cycles[1] < cycles[2]


def test_latency_of_memory_is_paid_at_the_ends_only(mini):
    x = small_kernel.inputs(STEPS)
    near, _ = small_kernel.run_timed(mini, x, memory_read=10, memory_write=0)
    far, _ = small_kernel.run_timed(mini, x, memory_read=110, memory_write=50)
    # check() reads, then read_memory, and the write response at the end
    assert far.cycles - near.cycles == 100 + 100 + 50
    assert steady(near) == steady(far)
    assert far.process("read_memory").memory == 110


def test_memory_gives_a_beat_a_cycle(mini):
    simulation = dataflow.Simulation(mini, small_kernel.TOP)
    simulation.set("ii:read_memory.burst", 6)  # slower than the rest
    small_kernel.call(simulation.ffi, simulation.lib.mini_top, small_kernel.inputs(STEPS))
    assert steady(simulation.report()) == 6 * small_kernel.TILES


def test_a_strict_region_costs_the_overlap_of_steps(mini):
    x = small_kernel.inputs(STEPS)
    slow = {"depth:sigma.tiles": 40}
    loose, _ = small_kernel.run_timed(mini, x, **slow)
    strict, out = small_kernel.run_timed(mini, x, **slow, feedback_waits=1)
    assert steady(strict) > steady(loose)
    sigma, h_tiles = strict.process("sigma").ends, strict.process("h_tiles").ends
    assert all(later > end for end, later in zip(sigma, h_tiles[1:]))
    np.testing.assert_array_equal(out, small_kernel.expected(x))


def test_fifo_depth_can_be_tried(mini):
    simulation = dataflow.Simulation(mini, small_kernel.TOP).set("fifo:input_sums", 1)
    _, out, _ = small_kernel.call(
        simulation.ffi, simulation.lib.mini_top, small_kernel.inputs(STEPS)
    )
    report = simulation.report()
    assert not report.failed and report.fifo("input_sums").depth == 1
    np.testing.assert_array_equal(out, small_kernel.expected(small_kernel.inputs(STEPS)))


def test_unknown_settings_are_refused(mini):
    simulation = dataflow.Simulation(mini, small_kernel.TOP)
    for name in ("depth_facto", "fifo:outputz", "depth:words", "ii:unit.nothing"):
        with pytest.raises(dataflow.SimulationError, match="unknown"):
            simulation.set(name, 1)


def test_unknown_names_are_refused(mini):
    report, _ = small_kernel.run_timed(mini, small_kernel.inputs(1))
    with pytest.raises(dataflow.SimulationError, match="none of this name"):
        report.process("sigmoid")
    with pytest.raises(dataflow.SimulationError, match="several have this name"):
        dataclasses.replace(report, fifos={"a/x": 1, "b/x": 2}).fifo("x")


def test_a_limit_of_cycles_ends_any_run(mini):
    report, _ = small_kernel.run_timed(mini, small_kernel.inputs(STEPS), cycle_limit=300)
    assert report.kind == "limit" and "300" not in report.why and report.failed


def test_after_a_failure_a_library_refuses_to_run(mini):
    simulation = dataflow.Simulation(mini, small_kernel.TOP).set("cycle_limit", 300)
    x = small_kernel.inputs(STEPS)
    small_kernel.call(simulation.ffi, simulation.lib.mini_top, x)
    simulation.set("cycle_limit", 1e9)
    _, out, _ = small_kernel.call(simulation.ffi, simulation.lib.mini_top, x)
    assert simulation.lib.hlssim_failed() == 1 and not out.any()
    with pytest.raises(dataflow.SimulationError, match="limit"):
        simulation.report().require_clean()


def test_thousands_of_calls(mini):
    x = small_kernel.inputs(3000)
    report, out = small_kernel.run_timed(mini, x)
    assert not report.failed
    assert sum(f.tokens for f in report.fifos.values()) > 200_000
    np.testing.assert_array_equal(out, small_kernel.expected(x))
