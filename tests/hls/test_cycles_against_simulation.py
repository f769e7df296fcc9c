"""The model of cycles against the timed simulation, shape by shape, under the same latencies."""

from dataclasses import replace

import cycle_shapes
import numpy as np
import pytest
from designs import DEFAULT
from kernel_runs import load

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_cycles
from pynq_lstm.accelerator.latencies import FILE, Latencies
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack

timed_kernel = pytest.importorskip("timed_kernel", reason="libclang: make hls installs it")
make_latencies = pytest.importorskip("make_latencies")
pytestmark = pytest.mark.hls

CLOSE = 0.001  # share of the cycles; the two have been equal so far
PREFIX = 40  # that of the longest model
MEMORY, KEEP = 1, 4  # the register `state`
STP = "stp everywhere"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return timed_kernel.build(DEFAULT, tmp_path_factory.mktemp("timed"))


@pytest.fixture(scope="module")
def images():
    return {name: pack(plan, DEFAULT) for name, plan in cycle_shapes.plans()}


def timed(library, image, settings=()):
    """A kernel of its own under some settings, loaded."""
    kernel = timed_kernel.TimedKernel(library)
    for name, value in dict(settings).items():
        if name == STP:
            for loop in kernel.simulation.manifest["loops"]:
                kernel.simulation.set(f"stalling:{loop['key']}", value)
        else:
            kernel.simulation.set(name, value)
    load(kernel, image)
    return kernel


def assumed(settings=()):
    """The latencies under the same settings."""
    latencies, settings = Latencies.load(), dict(settings)
    if settings.pop(STP, False):
        loops = {label: replace(loop, style="stp") for label, loop in latencies.loops.items()}
        latencies = replace(latencies, loops=loops)
    return replace(latencies, **settings)


def simulated_wave(library, image, settings=()):
    return timed_kernel.wave_cycles(timed(library, image, settings), image, PREFIX, (16, 40))


def run(kernel, image, lengths, state=False, keep=False):
    """The report of a RUN on random codes."""
    rng, lengths = np.random.default_rng(0), np.array(lengths)
    shape = len(lengths), lengths.max()
    x = [
        rng.integers(-128, 128, (*shape, size)) if size else None
        for size in image.plan.external_sizes()
    ]
    zero = [np.zeros((len(lengths), size), int) for size in image.plan.hidden_sizes()]
    given = buffers.run_input(image, x, zero, zero, lengths, state=state)
    room = buffers.output_beats(image, lengths, state=keep)
    kernel.start(Command.RUN, given, room, len(lengths), PREFIX, MEMORY * state | KEEP * keep)
    report = kernel.report()
    assert not report.kind, report.why
    return report


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"depth_factor": 0.5},
        {"depth_factor": 2},
        {"stalling_by_default": 0},
        {STP: 1},
        {STP: 1, "depth_factor": 2},
        {"loop_entry": 0, "loop_exit": 2, "sequential_access": 2, "sequential_iteration": 0},
    ],
    ids=str,
)
def test_a_wave_takes_what_the_simulation_says(library, images, settings):
    assert len(images) >= 30
    latencies, wrong, limits = assumed(settings), {}, set()
    for name, image in images.items():
        modelled = wave_cycles(image, PREFIX, latencies)
        limits.add(modelled.limit)
        simulated = simulated_wave(library, image, settings)
        if abs(modelled.wave / simulated - 1) > CLOSE:
            wrong[name] = modelled.wave, simulated
    assert not wrong
    assert {"dispatch", "input_u", "sigma_unit", "feedback", "routes"} & limits > {"feedback"}


def test_a_smaller_prefix_takes_what_the_simulation_says(library, images):
    image = images[f"side by side {cycle_shapes.SIDE_BY_SIDE[2]}"]
    kernel = timed(library, image)
    waves = {}
    for refinements in (1, 2, 4, 8):
        waves[refinements] = wave_cycles(image, refinements).wave
        simulated = timed_kernel.wave_cycles(kernel, image, refinements, waves=(16, 40))
        assert waves[refinements] == pytest.approx(simulated, rel=CLOSE)
    assert waves[1] < waves[8]


def test_units_are_in_progress_as_long_as_in_the_simulation(library, images):
    """The report has an entry for each part of a loop; which is which it does not say."""
    held_back = 0
    for image in images.values():
        kernel, few, many = timed(library, image), 24, 72
        reports = [run(kernel, image, [n - image.plan.largest_lag]) for n in (few, many)]
        units = wave_cycles(image, PREFIX).units
        for unit, label in (("u", "run_u.u_words"), ("v", "run_v.v_words")):
            first, last = (
                [loop.in_progress for loop in report.loops if loop.label == label]
                for report in reports
            )
            simulated = sorted((b - a) / (many - few) for a, b in zip(first, last))
            modelled = [units[f"{side}_{unit}"] for side in ("input", "hidden")]
            held_back += any(u.in_progress > u.words for u in modelled)
            assert sorted(u.in_progress for u in modelled) == pytest.approx(simulated, rel=0.01)
    assert held_back > 10  # what is in progress is more than words


@pytest.mark.parametrize("state, keep", [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("lengths", [[1], [3], [30], [4, 4, 4], [1, 1, 1, 1], [12, 3, 20]], ids=str)
def test_runs(library, images, lengths, state, keep):
    for image in list(images.values())[::4]:
        simulated = run(timed(library, image), image, lengths, state, keep).cycles
        modelled = run_cycles(image, lengths, PREFIX, state, keep)
        assert modelled == pytest.approx(simulated, rel=CLOSE)


def test_loads(library, images):
    for image in list(images.values())[::4]:
        simulated = timed(library, image).report().cycles
        assert load_cycles(image) == simulated


WRONG = {
    "loop_entry": lambda latencies: replace(latencies, loop_entry=3),
    "loop_exit": lambda latencies: replace(latencies, loop_exit=0),
    "sequential_access": lambda latencies: replace(latencies, sequential_access=3),
    "sequential_iteration": lambda latencies: replace(latencies, sequential_iteration=4),
    "a depth": lambda latencies: deeper(latencies, "step_tiles"),
    "another depth": lambda latencies: deeper(latencies, "u_words"),
}


def deeper(latencies, label):
    loop = replace(latencies.loops[label], depth=latencies.loops[label].depth + 4)
    return replace(latencies, loops={**latencies.loops, label: loop})


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_latency_is_noticed(library, images, name):
    wrong = WRONG[name](Latencies.load())
    differ = [
        image
        for image in list(images.values())[::5]
        if abs(wave_cycles(image, PREFIX, wrong).wave / simulated_wave(library, image) - 1) > CLOSE
    ]
    assert len(differ) > 3


def test_the_latencies_of_the_package_are_those_of_the_simulation(library):
    expected = make_latencies.text(library)
    assert FILE.read_text() == expected, "run: PYTHONPATH=. python tests/hls/make_latencies.py"
