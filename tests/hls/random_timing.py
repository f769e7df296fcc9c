"""The models of cycles and of memory traffic beside the timed simulation of a random design."""

import numpy as np
from kernel_runs import KEEP, MEMORY, load
from random_designs import random_design, random_image
from timed_kernel import TimedKernel, build

from pynq_lstm.accelerator import buffers, traffic
from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_cycles
from pynq_lstm.accelerator.native import Command
from pynq_lstm.numerics import limits

FAST = ["-Og"]  # builds take longer than runs
WAVES = 48, 96  # between them, and their multiples, a wave is in steady state


class Case:
    """A random design, its timed kernel and a packed plan that fits.

    Parameters
    ----------
    seed : int
    engine : str
    folder : path
        Where the kernel is built.
    most : int
        Inputs and hidden units.
    """

    def __init__(self, seed, engine, folder, most):
        self.rng = np.random.default_rng([seed, engine == "svd"])
        self.design = random_design(self.rng, engine, most)
        self.image = random_image(self.rng, self.design)
        self.kernel = TimedKernel(build(self.design, folder, flags=FAST), self.design.kernel)
        longest = max(pair.model.max_refinements for pair in self.image.plan.pairs)
        self.refinements = int(self.rng.integers(1, longest + 1))

    def load(self):
        """The report of a LOAD."""
        load(self.kernel, self.image)
        return self._report()

    def run(self, lengths, state=False, keep=False):
        """The report of a RUN on random codes."""
        image, lengths = self.image, np.asarray(lengths)
        low, high = limits(self.design.activation_bits)
        x = [
            self.rng.integers(low, high + 1, (len(lengths), lengths.max(), size)) if size else None
            for size in image.plan.external_sizes()
        ]
        zero = [np.zeros((len(lengths), size), int) for size in image.plan.hidden_sizes()]
        given = buffers.run_input(image, x, zero, zero, lengths, state=state)
        room = buffers.output_beats(image, lengths, state=keep)
        flags = MEMORY * state | KEEP * keep
        self.kernel.start(Command.RUN, given, room, len(lengths), self.refinements, flags)
        return self._report()

    def wave(self):
        """Cycles of a wave in steady state."""
        few, many = (self.run([n - self.image.plan.largest_lag]).cycles for n in WAVES)
        return (many - few) / (WAVES[1] - WAVES[0])

    def _report(self):
        report = self.kernel.report()
        assert not report.kind, report.why
        return report


def compared(case):
    """What the models and the simulation say of a case: by name, (modelled, simulated)."""
    image, rng = case.image, case.rng
    lengths = rng.integers(2, 25, int(rng.integers(2, 6)))
    if rng.random() < 0.5:
        lengths[:] = lengths[0]
    state, keep = (bool(v) for v in rng.integers(0, 2, 2))
    loaded, ran = case.load(), case.run(lengths, state, keep)
    read, written = traffic.run_beats(image, lengths, state, keep)
    modelled = run_cycles(image, lengths.tolist(), case.refinements, state, keep)
    wave = wave_cycles(image, case.refinements)
    return {
        "lengths": lengths.tolist(),
        "limit": wave.limit,
        "wave": (wave.wave, case.wave()),
        "run": (modelled, ran.cycles),
        "load": (load_cycles(image), loaded.cycles),
        "beats of a run, read": (read, ran.beats_read),
        "beats of a run, written": (written, ran.beats_written),
        "beats of a load, read": (traffic.load_beats(image), loaded.beats_read),
    }
