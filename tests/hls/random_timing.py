"""The models of cycles and of memory traffic beside the timed simulation of a random design."""

import numpy as np
from kernel_runs import KEEP, MEMORY, load
from random_designs import random_design, random_image
from timed_kernel import TimedKernel, build

from pynq_lstm.accelerator import buffers, traffic
from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_cycles
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.timing.schedule import schedule
from pynq_lstm.numerics import limits

FAST = {"compiler": "clang++", "flags": ["-O0"]}  # builds take longer than runs
WAVES = 48, 96  # between them a wave is in steady state
TURNS = 12  # waves that are compared with a schedule
NOT_OF_A_STEP = {"read_beats", "write_beats", "choose_prefix", "prime_tiles"}


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
        self.kernel = TimedKernel(build(self.design, folder, **FAST), self.design.kernel)
        longest = max(pair.model.max_refinements for pair in self.image.plan.pairs)
        self.refinements = int(self.rng.integers(1, longest + 1))
        self.limit = wave_cycles(self.image, self.refinements).limit

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


def schedules(case, waves=144):
    """Bars of a step as modelled and as simulated: {(process, pair, loop): (start, end)} of each.

    The simulated step is that of the last waves that is closest: where a wave takes no whole
    number of cycles, several take turns.
    """
    case.run([waves - case.image.plan.largest_lag])
    spans, bars = {}, schedule(case.image, case.refinements)
    for span in case.kernel.simulation.spans():
        key = span.process.rpartition("/")[2], span.label.rpartition(".")[2]
        spans.setdefault(key, []).append((span.first, span.end))
    modelled, simulated = {}, [{} for _ in range(TURNS)]
    for process, label in {(bar.process, loop.label) for bar in bars for loop in bar.loops}:
        own = [
            (bar.pair, loop)
            for bar in bars
            for loop in bar.loops
            if (bar.process, loop.label) == (process, label)
        ]
        found = np.array(spans.pop((process, label))).reshape(waves, len(own), 2)
        for place, (pair, loop) in enumerate(own):
            modelled[process, pair, label] = np.array([loop.start, loop.end])
            for turn, step in enumerate(simulated):
                step[process, pair, label] = found[-1 - turn, place]
    assert {label for _, label in spans} <= NOT_OF_A_STEP, spans.keys()
    steps = [
        {key: v - min(s[0] for s in step.values()) for key, v in step.items()} for step in simulated
    ]
    return modelled, min(steps, key=lambda step: apart(modelled, step))


def apart(bars, others):
    """Cycles that a start or an end differs by at most."""
    return max(int(np.abs(bars[key] - others[key]).max()) for key in bars)


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
        "wave": (wave.wave, case.wave()),
        "run": (modelled, ran.cycles),
        "load": (load_cycles(image), loaded.cycles),
        "beats read": (read, ran.beats_read),
        "beats written": (written, ran.beats_written),
        "beats of a load": (traffic.load_beats(image), loaded.beats_read),
    }
