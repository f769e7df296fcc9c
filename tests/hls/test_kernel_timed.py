"""The kernel with its declared FIFO depths: no deadlock, nothing left over, cycles as modelled."""

import make_vectors
import numpy as np
import paper_shape
import plan_reference
import pytest
from designs import DEFAULT, TINY
from kernel_runs import KEEP, MEMORY, RESIDENT, assert_equal, load, run
from random_plans import random_arguments, random_plan

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command, NativeKernel
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import BackendError, CapacityError

timed_kernel = pytest.importorskip("timed_kernel", reason="libclang: make hls installs it")
pytestmark = pytest.mark.hls
BITS = {"activation_bits": 8, "p_bits": 10}
PLANS, RUNS = 25, 2


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return timed_kernel.build(TINY, tmp_path_factory.mktemp("timed"))


def plans(seed):
    rng = np.random.default_rng(seed)
    while True:
        try:
            image = pack(random_plan(rng, BITS), TINY)
        except CapacityError:
            continue
        for _ in range(RUNS):
            yield image, random_arguments(rng, image.plan)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"depth_factor": 0.5},
        {"depth_factor": 2},
        {"stalling_by_default": 0},
        {"stalling_by_default": 1, "memory_read": 200},
    ],
    ids=str,
)
def test_random_plans_run_through_bounded_fifos(tiny, settings):
    kernel = timed_kernel.TimedKernel(tiny)
    for name, value in settings.items():
        kernel.simulation.set(name, value)
    for _, (image, arguments) in zip(range(PLANS * RUNS), plans(23)):
        load(kernel, image)
        assert not kernel.report().kind, kernel.report().why
        result, _ = run(kernel, image, *arguments)
        report = kernel.report()
        assert not report.kind, report.why
        assert_equal(result, plan_reference.run(image.plan, *arguments))
        assert all(f.high_water <= f.depth for f in report.fifos.values())


@pytest.mark.parametrize("settings", [{}, {"stalling_by_default": 1, "memory_read": 200}], ids=str)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_command_runs_through_bounded_fifos(tiny, settings, seed):
    """States written, read and reset, an echo, every start of a RUN, and refused commands."""
    kernel = timed_kernel.TimedKernel(tiny)
    for name, value in settings.items():
        kernel.simulation.set(name, value)
    played = set()
    for v in make_vectors.make(TINY, 3, seed):
        registers, out = kernel.start(
            v.command, v.given, len(v.expected), v.sequences, v.refinements, v.state
        )
        report = kernel.report()
        assert not report.kind, (v.command, report.why)
        assert registers == v.results, v.command
        np.testing.assert_array_equal(out, v.expected)
        played.add((v.command, v.state))
    others = {(command, 0) for command in Command}
    assert played == others | {(Command.RUN, MEMORY | KEEP), (Command.RUN, RESIDENT | KEEP)}


SHORT = (
    "svd_lstm/u_unit.h",
    "u_slots: for (int slot = 0; slot < call.slots; ++slot) {",
    "u_slots: for (int slot = 0; slot < call.slots - 1; ++slot) {",
)
EXTRA = (
    "common/sigma_unit.h",
    "  report.clipped_pre += clipped_pre;",
    "  if (!call.emit) feedback.write(states[0].h);\n  report.clipped_pre += clipped_pre;",
)
WRITES = "    if (call.emit) feedback.write(state.h);\n    if (call.emit && call.collected)"
HELD = """    static HTile held;
    static bool holds = false;
    if (call.emit && holds) feedback.write(held);
    held = state.h;
    holds = call.emit;
    if (call.emit && call.collected)"""
# In `step` only: each h comes with the next one. It stands in for a pipeline that stalls, with a
# result in it, for more input; in this form that cannot hold h back, since every call drains its
# pipelines.
LATE = (
    "common/sigma_unit.h",
    "    out.write(shown);\n" + WRITES,
    "    out.write(shown);\n" + HELD,
)
FEEDBACK = (
    "svd_lstm/waves.h",
    "#pragma HLS STREAM variable=feedback depth=kFeedbackDepth",
    "#pragma HLS STREAM variable=feedback depth=2",
)


@pytest.mark.parametrize(
    "change, kind",
    [(SHORT, "deadlock"), (EXTRA, "leftover"), (LATE, "deadlock"), (FEEDBACK, "deadlock")],
    ids=["a short producer", "an extra token", "results held back", "a FIFO too shallow"],
)
def test_seeded_faults_of_the_kernel_are_caught(tmp_path, change, kind):
    kernel = timed_kernel.TimedKernel(timed_kernel.build(TINY, tmp_path, [change]))
    found = set()
    for _, (image, arguments) in zip(range(12), plans(29)):
        load(kernel, image)
        x, h, c, lengths, refinements = arguments
        given = buffers.run_input(image, x, h, c, lengths)
        room = buffers.output_beats(image, lengths)
        kernel.start(Command.RUN, given, room, len(lengths), refinements, MEMORY | KEEP)
        found.add(kernel.report().kind)
        if found - {""}:
            break
    assert kind in found, found


def play_natively(folder, changes):
    """Some runs of the native kernel, built with faults."""
    kernel = NativeKernel(timed_kernel.build_native(TINY, folder, changes))
    for _, (image, arguments) in zip(range(12), plans(29)):
        load(kernel, image)
        assert_equal(run(kernel, image, *arguments)[0], plan_reference.run(image.plan, *arguments))


def test_sequential_simulation_misses_a_shallow_fifo(tmp_path):
    """Why the bounded simulation is there: the FIFO that stops it means nothing to this one."""
    play_natively(tmp_path, [FEEDBACK])


def test_sequential_simulation_notices_a_short_producer(tmp_path):
    """So what was seeded above was in the build."""
    with pytest.raises(BackendError):
        play_natively(tmp_path, [SHORT])


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    return timed_kernel.TimedKernel(
        timed_kernel.build(DEFAULT, tmp_path_factory.mktemp("timed_default"))
    )


def test_the_shape_that_the_accelerator_is_sized_for_takes_200_cycles_a_step(default):
    model = paper_shape.model()
    image = pack(Plan.of_model(model), DEFAULT)
    load(default, image)
    assert timed_kernel.wave_cycles(default, image, 16) <= 200
