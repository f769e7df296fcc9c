"""The kernel in the bounded and timed dataflow simulation, with the interface of NativeKernel."""

import shutil
from pathlib import Path

import dataflow
import numpy as np

from pynq_lstm.accelerator import buffers, native
from pynq_lstm.accelerator.config import config_header
from pynq_lstm.accelerator.native import Command, Registers
from pynq_lstm.numerics import limits

_WORDS, _RESULTS = ", ".join(["uint32_t"] * 4), ", ".join(["uint32_t *"] * 13)
DECLARATION = f"({_WORDS}, const void *, uint32_t, void *, uint32_t, {_RESULTS});"


def seed(folder, changes=()):
    """A copy of the HLS sources; `changes` are (file, old, new): faults to seed in it."""
    sources = Path(folder) / "hls_src"
    if not sources.exists():
        shutil.copytree(native.SOURCES, sources)
    for name, old, new in changes:
        path = sources / name
        text = path.read_text()
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new))
    return sources


def build(design, folder, changes=(), compiler="g++", flags=()):
    """The instrumented library of the sources with these changes."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    sources = seed(folder, changes)
    (folder / "config.h").write_text(config_header(design))
    own = sources / design.kernel
    return dataflow.build(
        [own / f"{design.kernel}.cpp"],
        design.kernel,
        [sources, folder],
        own / "depths.json",
        folder / "timed",
        compiler=compiler,
        flags=["-DHLS_NATIVE", "-DHLS_CONCURRENT", *flags],
    )


def build_native(design, folder, changes=()):
    """The same sources as a library for `NativeKernel`, whose streams have no depth."""
    sources = seed(folder, changes)
    entry = str(sources / "native" / f"{design.kernel}.cpp")
    return native.build(design, folder, includes=[sources], entry=entry)


class TimedKernel:
    """One timed kernel; after each command `report` tells how it went."""

    def __init__(self, library, top="svd_lstm"):
        self.simulation = dataflow.Simulation(library, f"void {top}{DECLARATION}")
        self._top = getattr(self.simulation.lib, top)

    def start(self, command, beats=None, out_beats=0, sequences=1, refinements=1, state=0):
        given = np.zeros((0, 16), np.uint8) if beats is None else np.ascontiguousarray(beats)
        out = np.zeros((out_beats, 16), np.uint8)
        ffi = self.simulation.ffi
        results = ffi.new("uint32_t[13]")
        self._top(
            int(command),
            sequences,
            refinements,
            state,
            ffi.cast("void *", given.ctypes.data),
            len(given),
            ffi.cast("void *", out.ctypes.data),
            out_beats,
            *(results + k for k in range(13)),
        )
        return Registers(*results), out

    def report(self):
        return self.simulation.report()


def wave_cycles(kernel, image, refinements, waves=(8, 24)):
    """Cycles of a wave in steady state: what the waves of a longer sequence add, each."""
    rng = np.random.default_rng(0)
    low, high = limits(image.design.activation_bits)
    total = []
    for count in waves:
        time = count - image.plan.largest_lag
        x = [
            rng.integers(low, high + 1, (1, time, size)) if size else None
            for size in image.plan.external_sizes()
        ]
        given = buffers.run_input(image, x, None, None, np.array([time]), state=False)
        room = buffers.output_beats(image, [time], state=False)
        kernel.start(Command.RUN, given, room, 1, refinements)
        report = kernel.report()
        assert not report.kind, report.why
        total.append(report.cycles)
    return (total[1] - total[0]) / (waves[1] - waves[0])
