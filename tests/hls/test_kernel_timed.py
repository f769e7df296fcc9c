"""The kernel with its declared FIFO depths: no deadlock, nothing left over, cycles as modelled."""

import numpy as np
import paper_shape
import plan_reference
import pytest
from designs import DEFAULT, TINY
from kernel_runs import KEEP, MEMORY, assert_equal, load, run
from random_plans import random_arguments, random_plan

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command, NativeKernel
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError

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


SHORT = (
    "svd_lstm/u_unit.h",
    "u_slots: for (int slot = 0; slot < call.slots; ++slot) {",
    "u_slots: for (int slot = 0; slot < call.slots - 1; ++slot) {",
)
EXTRA = (
    "svd_lstm/sigma_unit.h",
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
# in `step` only: each h comes with the next one, as from a pipeline that waits for more input
LATE = (
    "svd_lstm/sigma_unit.h",
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


def test_sequential_simulation_misses_a_shallow_fifo(tmp_path, libraries):
    """Why the bounded simulation is there: FIFO depths mean nothing to the native build."""
    image, arguments = next(plans(29))
    kernel = NativeKernel(libraries(TINY))
    load(kernel, image)
    assert_equal(run(kernel, image, *arguments)[0], plan_reference.run(image.plan, *arguments))


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
