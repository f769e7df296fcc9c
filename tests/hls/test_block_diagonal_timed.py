"""The block-diagonal kernel with its declared FIFO depths: no deadlock, cycles as modelled."""

import contextlib
from dataclasses import replace

import make_vectors
import numpy as np
import plan_reference
import pytest
from designs import BLOCKS, BLOCKS_TINY
from kernel_runs import assert_equal, load, run
from random_block_models import sized_block_model
from random_plans import block_model, random_arguments, random_plan

from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_cycles
from pynq_lstm.accelerator.latencies import FILES, Latencies
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, PlanError

timed_kernel = pytest.importorskip("timed_kernel", reason="libclang: make hls installs it")
make_latencies = pytest.importorskip("make_latencies")
pytestmark = pytest.mark.hls
TOP = "block_diagonal_lstm"
BITS = {"activation_bits": 8, "weight_bits": 4}
SETTINGS = [
    {},
    {"depth_factor": 0.5},
    {"depth_factor": 2},
    {"stalling_by_default": 0},
    {"stalling_by_default": 1, "memory_read": 200},
]
# inputs and hidden units of each LSTM, ranks of both parts
SHAPES = [
    *(((200,), (200,), (rank, rank)) for rank in (2, 4, 8, 16)),
    ((200,), (200,), (16, 2)),
    ((40,), (100,), (4, 4)),
    ((1000,), (128,), (8, 4)),
    ((24,), (24,), (2, 2)),
    ((300,), (300,), (16, 16)),
    ((16,), (500,), (2, 8)),
    ((1024,), (8,), (16, 16)),
    ((60, 90), (200, 100), (4, 4)),
    ((200,) * 4, (64,) * 4, (4, 4)),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return timed_kernel.build(BLOCKS_TINY, tmp_path_factory.mktemp("timed"))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return timed_kernel.build(BLOCKS, tmp_path_factory.mktemp("timed_default"))


def kernel_of(library, settings):
    kernel = timed_kernel.TimedKernel(library, TOP)
    for name, value in settings.items():
        kernel.simulation.set(name, value)
    return kernel


def images(seed):
    rng = np.random.default_rng(seed)
    while True:
        try:
            image = pack(random_plan(rng, BITS, 12, 2, block_model), BLOCKS_TINY)
        except (CapacityError, PlanError):
            continue
        yield image, random_arguments(rng, image.plan)


def packed(inputs, hidden, ranks):
    model = sized_block_model(np.random.default_rng(0), inputs, hidden, ranks, **BITS)
    return pack(Plan.of_model(model), BLOCKS)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_random_plans_run_through_bounded_fifos(tiny, settings):
    kernel = kernel_of(tiny, settings)
    for _, (image, arguments) in zip(range(40), images(23)):
        load(kernel, image)
        assert not kernel.report().kind, kernel.report().why
        result, _ = run(kernel, image, *arguments)
        report = kernel.report()
        assert not report.kind, report.why
        assert_equal(result, plan_reference.run(image.plan, *arguments))


def test_every_command_runs_through_bounded_fifos(tiny):
    kernel = kernel_of(tiny, {})
    for v in make_vectors.make(BLOCKS_TINY, 3, 1):
        registers, out = kernel.start(
            v.command, v.given, len(v.expected), v.sequences, v.refinements, v.state
        )
        assert not kernel.report().kind, (v.command, kernel.report().why)
        assert registers == v.results, v.command
        np.testing.assert_array_equal(out, v.expected)


FAULTS = {
    "a word too few": (
        "block_diagonal_lstm/multipliers.h",
        "n < call.words; ++n",
        "n < call.words - 1; ++n",
        "deadlock",
    ),
    "a tile of h is not taken": (
        "block_diagonal_lstm/columns.h",
        "tile < call.tiles; ++tile",
        "tile < call.tiles - (call.tiles > 1); ++tile",
        "leftover",
    ),
    "a FIFO too shallow": (
        "block_diagonal_lstm/waves.h",
        "#pragma HLS STREAM variable=feedback depth=kFeedbackDepth",
        "#pragma HLS STREAM variable=feedback depth=2",
        "deadlock",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_seeded_faults_are_caught(tmp_path, fault):
    *change, kind = FAULTS[fault]
    kernel = kernel_of(timed_kernel.build(BLOCKS_TINY, tmp_path, [change]), {})
    found = set()
    for _, (image, arguments) in zip(range(12), images(29)):
        load(kernel, image)
        with contextlib.suppress(AssertionError):  # of what a command wrote that stopped
            run(kernel, image, *arguments)
        found.add(kernel.report().kind)
        if kind in found:
            break
    assert kind in found, found


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_wave_takes_what_the_model_says(library, settings):
    latencies, wrong, limits = Latencies.of(BLOCKS), {}, set()
    known = {name: value for name, value in settings.items() if name != "memory_read"}
    latencies = replace(latencies, **known)
    for shape in SHAPES:
        image = packed(*shape)
        kernel = kernel_of(library, settings)
        load(kernel, image)
        modelled = wave_cycles(image, latencies=latencies)
        limits.add(modelled.limit)
        simulated = timed_kernel.wave_cycles(kernel, image, 1, (16, 40))
        if modelled.wave != pytest.approx(simulated, rel=0.001):
            wrong[shape] = modelled.wave, simulated
    assert not wrong
    assert {"feedback", "input_part"} <= limits


def test_runs_and_loads_take_what_the_model_says(library):
    for shape in SHAPES[::3]:
        image = packed(*shape)
        kernel = kernel_of(library, {})
        load(kernel, image)
        assert load_cycles(image) == kernel.report().cycles
        for lengths in ([1], [30], [4, 4, 4]):
            x, h, c, _, _ = random_arguments(np.random.default_rng(1), image.plan)
            x = [np.resize(a, (len(lengths), lengths[0], a.shape[2])) for a in x]
            h, c = ([np.resize(a, (len(lengths), a.shape[1])) for a in side] for side in (h, c))
            run(kernel, image, x, h, c, np.array(lengths), 1)
            modelled = run_cycles(image, lengths, 1, True, True)
            assert modelled == pytest.approx(kernel.report().cycles, rel=0.001)


def test_a_wrong_latency_is_noticed(library):
    wrong = Latencies.of(BLOCKS)
    loops = {**wrong.loops, "multiply_words": replace(wrong.loops["multiply_words"], depth=20)}
    image = packed(*SHAPES[1])
    kernel = kernel_of(library, {})
    load(kernel, image)
    modelled = wave_cycles(image, latencies=replace(wrong, loops=loops))
    assert modelled.wave > timed_kernel.wave_cycles(kernel, image, 1) + 2


def test_the_shape_of_the_paper_takes_160_cycles_a_step_at_most(library):
    image = packed(*SHAPES[1])
    kernel = kernel_of(library, {})
    load(kernel, image)
    assert timed_kernel.wave_cycles(kernel, image, 1) <= 160
    assert BLOCKS.multiplier_count <= 625


def test_the_latencies_of_the_package_are_those_of_the_simulation(library):
    expected = make_latencies.text(library)
    found = FILES["block_diagonal"].read_text()
    assert found == expected, "run: PYTHONPATH=. python tests/hls/make_latencies.py"
