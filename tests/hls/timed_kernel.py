"""The kernel in the bounded and timed dataflow simulation, with the interface of NativeKernel."""

import shutil
from pathlib import Path

import dataflow
import numpy as np

from pynq_lstm.accelerator import native
from pynq_lstm.accelerator.config import config_header
from pynq_lstm.accelerator.native import Registers

_WORDS, _RESULTS = ", ".join(["uint32_t"] * 4), ", ".join(["uint32_t *"] * 13)
DECLARATION = f"void svd_lstm({_WORDS}, const void *, uint32_t, void *, uint32_t, {_RESULTS});"


def build(design, folder, changes=()):
    """The instrumented library; `changes` are (file, old, new): faults to seed in a copy."""
    folder = Path(folder)
    sources = folder / "hls_src"
    if not sources.exists():
        shutil.copytree(native.SOURCES, sources)
    (folder / "config.h").write_text(config_header(design))
    for name, old, new in changes:
        path = sources / name
        text = path.read_text()
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new))
    return dataflow.build(
        [sources / "svd_lstm" / "svd_lstm.cpp"],
        "svd_lstm",
        [sources, folder],
        sources / "svd_lstm" / "depths.json",
        folder / "timed",
        flags=["-DHLS_NATIVE"],
    )


class TimedKernel:
    """One timed kernel; after each command `report` tells how it went."""

    def __init__(self, library):
        self.simulation = dataflow.Simulation(library, DECLARATION)

    def start(self, command, beats=None, out_beats=0, sequences=1, refinements=1, state=0):
        given = np.zeros((0, 16), np.uint8) if beats is None else np.ascontiguousarray(beats)
        out = np.zeros((out_beats, 16), np.uint8)
        ffi = self.simulation.ffi
        results = ffi.new("uint32_t[13]")
        self.simulation.lib.svd_lstm(
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


def step_cycles(report, steady=4):
    """Cycles between successive steps of sigma once they have settled; the last ones drain."""
    sigma = next(p for name, p in report.processes.items() if name.endswith("sigma_unit"))
    return sigma.periods[-2 - steady : -2]
