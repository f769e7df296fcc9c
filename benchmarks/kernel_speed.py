"""How fast C simulation is: native types against ap_int everywhere, in one run, alternating."""

import statistics
import sys
import time

import cffi
import numpy as np
import results

from pynq_lstm.accelerator import buffers, native
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.native import Command, NativeKernel
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan

sys.path.insert(0, str(results.ROOT / "tests" / "accelerator"))
import paper_shape

ROUNDS, ENGINE_STEPS, SEQUENCES, TIME = 7, 600, 2, 16
AP_TYPES = results.ROOT / "build" / "ap_types"
FORCED = ("-O2", "-std=c++14", "-w", "-DHLS_FORCE_AP", "-isystem", str(AP_TYPES))
BUILDS = {"native": native.FLAGS, "ap_int": FORCED}


def engine_runner(design, image):
    """For each build a call that runs the hidden engine alone; returns what it computed."""
    ffi = cffi.FFI()
    ffi.cdef("int64_t hidden_engine(const void *, uint32_t, int32_t);")
    given = ffi.from_buffer(image.beats)
    runners = {}
    for name, flags in BUILDS.items():
        path = native.build(design, results.ROOT / "build", flags=flags, entry="native/engine.cpp")
        library = ffi.dlopen(str(path))

        def run(steps, library=library):
            return library.hidden_engine(given, len(image.beats), steps)

        runners[name] = run
    return runners


def kernel_runner(design, image):
    """For each build a call that runs the whole kernel on a batch; returns its output."""
    rng = np.random.default_rng(1)
    x = [rng.integers(-128, 128, (SEQUENCES, TIME, 1024)) for _ in range(2)]
    zero = [np.zeros((SEQUENCES, 512), int)] * 2
    lengths = np.full(SEQUENCES, TIME)
    given = buffers.run_input(image, x, zero, zero, lengths)
    room = buffers.output_beats(image, lengths)
    runners = {}
    for name, flags in BUILDS.items():
        kernel = NativeKernel(native.build(design, results.ROOT / "build", flags=flags))
        kernel.start(Command.LOAD, image.beats)

        def run(kernel=kernel):
            return kernel.start(Command.RUN, given, room, SEQUENCES, 16, 5)[1].tobytes()

        runners[name] = run
    return runners


def medians(runners):
    """Median seconds of each build, taken in turn; the builds must agree."""
    taken = {name: [] for name in runners}
    for _ in range(ROUNDS):
        answers = set()
        for name, run in runners.items():
            begin = time.perf_counter()
            answers.add(run())
            taken[name].append(time.perf_counter() - begin)
        if len(answers) != 1:
            raise SystemExit("the builds differ")
    return {name: statistics.median(values) for name, values in taken.items()}


def main():
    """Measure and write docs/results/kernel_speed.json."""
    design = Design.load(results.ROOT / "overlays" / "svd_lstm" / "design.json")
    image = pack(Plan.of_model(paper_shape.model()), design)
    program = image.program(0, 16)
    u, v = program.hidden.u, program.hidden.v
    engine_macs = 2 * (len(u.word) * design.u_tile + len(v.word) * design.v_tile)
    kernel_macs = engine_macs + 2 * (
        len(program.input.u.word) * design.u_tile + len(program.input.v.word) * design.v_tile
    )
    engine = engine_runner(design, image)
    loading = medians({name: (lambda run=run: run(0)) for name, run in engine.items()})
    working = medians({name: (lambda run=run: run(ENGINE_STEPS)) for name, run in engine.items()})
    alone = {name: working[name] - loading[name] for name in engine}
    whole = medians(kernel_runner(design, image))
    figures = [
        results.figure(
            "hidden engine alone, native against ap_int",
            alone["ap_int"] / alone["native"],
            "times",
            ">= 8",
            alone["ap_int"] / alone["native"] >= 8,
        ),
        results.figure(
            "whole kernel, native against ap_int", whole["ap_int"] / whole["native"], "times"
        ),
    ]
    for name in BUILDS:
        rate = engine_macs * ENGINE_STEPS / alone[name] / 1e6
        figures.append(results.figure(f"hidden engine alone, {name}", rate, "MMAC/s"))
        rate = kernel_macs * SEQUENCES * TIME / whole[name] / 1e6
        figures.append(results.figure(f"whole kernel, {name}", rate, "MMAC/s"))
    compiler = native.find_compiler()
    results.write(
        "kernel_speed",
        figures,
        {"compiler": compiler, "flags": "-O2", "rounds": ROUNDS, "shape": "2 models, 1024, 512"},
    )
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']:.1f} {entry['unit']}")


if __name__ == "__main__":
    main()
