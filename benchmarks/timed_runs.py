"""Cycles of a packed plan in the timed dataflow simulation: modelled, never synthesised."""

import sys
import tempfile
from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np
import results

from pynq_lstm.accelerator import buffers

TESTS = results.ROOT / "tests"
sys.path[:0] = [
    str(results.ROOT / "tools"),
    *(str(TESTS / n) for n in ("hls", "kernel", "accelerator")),
]
import paper_shape  # noqa: F401
import timed_kernel
from kernel_runs import load

STEPS = 12


@dataclass(frozen=True)
class Timing:
    """What a RUN of a few sequences takes.

    Attributes
    ----------
    wave : float
        Cycles between successive steps in steady state, all pairs of the plan.
    total : int
        Of the whole command.
    waits : dict of str to (int, int)
        Cycles in which each process was starved and back-pressured, over the whole command.
    settings : dict of str to float
        The assumed numbers.
    """

    wave: float
    total: int
    waits: Dict[str, Tuple[int, int]]
    settings: Dict[str, float]


class Simulator:
    """The timed kernel of a design."""

    def __init__(self, design):
        self._folder = tempfile.TemporaryDirectory()
        self._kernel = timed_kernel.TimedKernel(timed_kernel.build(design, self._folder.name))

    def run(self, image, refinements, sequences=1, steps=STEPS, **settings):
        """Time a RUN on random codes; `settings` are names of tools/dataflow/timing.json."""
        for name, value in {"depth_factor": 1, "stalling_by_default": 1, **settings}.items():
            self._kernel.simulation.set(name, value)
        rng = np.random.default_rng(0)
        bits = image.design.activation_bits
        low, high = -(1 << (bits - 1)), 1 << (bits - 1)
        shape = (sequences, steps)
        x = [
            rng.integers(low, high, (*shape, size)) if size else None
            for size in image.plan.external_sizes()
        ]
        lengths = np.full(sequences, steps)
        load(self._kernel, image)
        given = buffers.run_input(image, x, None, None, lengths, state=False)
        room = buffers.output_beats(image, lengths, state=False)
        self._kernel.start(2, given, room, sequences, refinements, 0)
        report = self._kernel.report()
        if report.kind:
            raise SystemExit(f"the simulation failed: {report.why}")
        wave = timed_kernel.wave_cycles(self._kernel, image, refinements)
        waits = {
            name.rpartition("/")[2]: (process.starved, process.back_pressured)
            for name, process in report.processes.items()
        }
        return Timing(wave, report.cycles, waits, dict(report.settings))
