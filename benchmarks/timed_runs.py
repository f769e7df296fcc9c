"""Cycles of a packed plan in the timed dataflow simulation: modelled, never synthesised."""

import sys
import tempfile
from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np
import results

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command
from pynq_lstm.numerics import limits

sys.path.insert(0, str(results.ROOT / "tools"))
sys.path.insert(0, str(results.ROOT / "tests" / "hls"))
sys.path.insert(0, str(results.ROOT / "tests" / "kernel"))
sys.path.insert(0, str(results.ROOT / "tests" / "accelerator"))
import timed_kernel
from kernel_runs import load


@dataclass(frozen=True)
class Timing:
    """What a RUN takes.

    Attributes
    ----------
    cycles : int
        Of the whole command.
    waits : dict of str to (int, int)
        Cycles in which each process was starved and back-pressured.
    in_progress : dict of (str, int) to int
        Cycles that lists of words were in progress, by loop and number of iterations.
    """

    cycles: int
    waits: Dict[str, Tuple[int, int]]
    in_progress: Dict[Tuple[str, int], int]


class Simulator:
    """The timed kernel of a design."""

    def __init__(self, design):
        self._folder = tempfile.TemporaryDirectory()
        library = timed_kernel.build(design, self._folder.name)
        self.kernel = timed_kernel.TimedKernel(library, design.kernel)

    def set(self, **settings):
        """Names of tools/dataflow/timing.json; those that are not given go back to nominal."""
        for name, value in {"depth_factor": 1, "stalling_by_default": 1, **settings}.items():
            self.kernel.simulation.set(name, value)
        return self

    def load_cycles(self, image):
        """Cycles of LOAD."""
        load(self.kernel, image)
        return self.kernel.report().cycles

    def wave_cycles(self, image, refinements):
        """Cycles of a wave in steady state."""
        load(self.kernel, image)
        return timed_kernel.wave_cycles(self.kernel, image, refinements)

    def run(self, image, refinements, sequences, steps):
        """Time a RUN on random codes, states from zero."""
        rng = np.random.default_rng(0)
        low, high = limits(image.design.activation_bits)
        x = [
            rng.integers(low, high + 1, (sequences, steps, size)) if size else None
            for size in image.plan.external_sizes()
        ]
        lengths = np.full(sequences, steps)
        load(self.kernel, image)
        given = buffers.run_input(image, x, None, None, lengths, state=False)
        room = buffers.output_beats(image, lengths, state=False)
        self.kernel.start(Command.RUN, given, room, sequences, refinements)
        report = self.kernel.report()
        if report.kind:
            raise SystemExit(f"the simulation failed: {report.why}")
        return Timing(
            report.cycles,
            {
                name.rpartition("/")[2]: (p.starved, p.back_pressured)
                for name, p in report.processes.items()
            },
            {(q.label, q.iterations): q.in_progress for q in report.loops if q.iterations},
        )
