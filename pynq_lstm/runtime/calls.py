"""What every way to use a session shares: conversion, turns on the back end, reports."""

import time
import warnings
from collections import deque
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import Dict, NamedTuple, Tuple

from pynq_lstm.caller import stack_level
from pynq_lstm.errors import SaturationWarning
from pynq_lstm.packed import padded
from pynq_lstm.runtime import conversion, refusals
from pynq_lstm.runtime.report import RunReport, value_counts
from pynq_lstm.runtime.turns import Turns
from pynq_lstm.sequences import Sequences

clock = time.perf_counter


class Job(NamedTuple):
    """A call that is checked and quantised.

    Attributes
    ----------
    codes : tuple
        What a back end's ``run`` takes: x, h, c, lengths, refinements.
    batched : bool
    refinements : int
        That were asked for, checked.
    clipped : dict
        Values that left their range: "x" and "state".
    seconds : float
        That the quantising took.
    """

    codes: Tuple
    batched: bool
    refinements: int
    clipped: Dict[str, int]
    seconds: float


class Calls:
    """A model on a back end, one call at a time.

    Parameters
    ----------
    model : CompressedModel
    backend : object
        As `runtime.backends` describes it.
    title : str
        What warnings call the model, one of several.
    codec : object, optional
        Floats to codes and back; `conversion.Codec` of the model by default.

    Attributes
    ----------
    last_run : RunReport or None
    shapes : Sequences
    codec : object
    """

    report_kind = RunReport

    def __init__(self, model, backend, title="", codec=None):
        self.model, self.backend, self.name = model, backend, backend.name
        self._title = title
        self.shapes = Sequences(model.input_sizes, model.hidden_sizes)
        self.codec = codec or conversion.Codec(model)
        self.last_run = None
        self._turns = Turns()
        self._warned = set()
        self._opened = set()  # generators and streams of the back end
        self._dropped = deque()  # those of them that nobody uses any more
        self._values = lru_cache(64)(partial(value_counts, model))

    def prepare(self, x, state, lengths, refinements):
        """Arguments of `Session.infer` as a `Job`."""
        x, lengths = padded(x, lengths)
        x, batched = self.shapes.inputs(x)
        batch, steps = x[0].shape[:2]
        h, c = self.shapes.state(state, batch, batched)
        lengths = self.shapes.lengths(lengths, batch, steps)
        refinements = self.model.served(refinements)
        begin = clock()
        x, h, c, clipped = self.codec.to_codes(x, h, c, lengths)
        codes = x, h, c, lengths, self.prefix(refinements)
        return Job(codes, batched, refinements, clipped, clock() - begin)

    def prefix(self, refinements):
        """The prefix that the back end is asked for; `refinements` are checked."""
        return refinements

    def infer(self, x, state, lengths, refinements):
        """What `Session.infer` returns."""
        return self.run(self.prepare(x, state, lengths, refinements))[0]

    def run(self, job):
        """Run a job; returns what `finish` does."""
        return self.finish(job, *self.in_turn(_run, job))

    async def run_async(self, job):
        """`run` on a back end that is awaitable."""
        return self.finish(job, *await self._turns.run_async(self._await, job))

    def short_step(self, steps, refinements):
        """A function of one step's x that gives h, or None where `Stream.step` has to do it all.

        None instead of a function: there is no shorter way.
        """

    def in_turn(self, work, *arguments):
        """``work(backend, *arguments)`` when nothing else runs on the back end."""
        return self._turns.run(self._on_backend, work, arguments)

    def finish(self, job, result, timing, seconds):
        """The answer of a job, and its report, from the back end's result.

        Returns
        -------
        answer : tuple
            out, (h, c) as `Session.infer` returns them.
        report : RunReport
        """
        begin = clock()
        out, h, c = self.codec.from_codes(result)
        pack = self.shapes.pack_state
        answer = (
            self.shapes.pack_out(out, job.batched),
            (pack(h, job.batched), pack(c, job.batched)),
        )
        stages = {"run": seconds} if timing is None else timing.seconds
        seconds = {"quantise": job.seconds, **stages, "dequantise": clock() - begin}
        lengths, refinements = job.codes[3], job.refinements
        values = self.values(int(lengths.sum()), len(lengths), refinements)
        saturated = self.codec.saturated(job.clipped, result)
        return answer, self.report(seconds, timing, saturated, values, refinements)

    def report(self, seconds, timing, saturated, values, refinements, **more):
        """The report of a run, made the last one; `more` are further fields of it."""
        report = self.report_kind(
            self.name,
            seconds,
            timing is not None and timing.modelled,
            timing and timing.cycles,
            saturated,
            values,
            refinements,
            timing and timing.kernel_seconds,
            timing and timing.access,
            **more,
        )
        return self.note(report)

    def note(self, report):
        """Make a report the last one, and warn of what it saturated; returns it."""
        self.last_run = report
        if any(report.saturated.values()):
            self._warn_of_saturation(report)
        return report

    def values(self, steps, batch, refinements):
        """`value_counts` of a run."""
        return dict(self._values(steps, batch, refinements))

    def step_values(self, refinements, with_state):
        """`value_counts` of one step of a stream."""
        return self.values(1, int(with_state), refinements)

    def opened(self, resource):
        """Note a generator or a stream of the back end, to be closed before it."""
        self._opened.add(resource)

    def drop(self, resource):
        """Have it closed in the next turn; may be called from a finaliser, so waits for nothing."""
        self._dropped.append(resource)

    def close(self):
        """Give everything back; a second call does nothing."""
        self._turns.run(self._close)

    def _close(self):
        backend, self.backend = self.backend, None
        opened, self._opened = self._opened, set()
        if backend is None:
            return
        with ExitStack() as stack:  # the back end is closed whatever the others raise
            stack.callback(backend.close)
            for resource in opened:
                stack.callback(resource.close)

    def _on_backend(self, work, arguments):
        return work(self._open_backend(), *arguments)

    async def _await(self, job):
        backend = self._open_backend()
        begin = clock()
        result = await backend.run_async(*job.codes)
        return result, backend.timing, clock() - begin

    def _open_backend(self):
        backend = refusals.open_session(self.backend)
        for _ in range(len(self._dropped)):
            resource = self._dropped.popleft()
            if resource in self._opened:
                self._opened.discard(resource)
                resource.close()
        return backend

    def _warn_of_saturation(self, report):
        self._warn(self._title, report.clipped_kinds(), report.saturated, report.values)

    def _warn(self, title, kinds, saturated, values):
        """Warn of kinds of which too many were clipped, once each."""
        kinds = [kind for kind in kinds if (title, kind) not in self._warned]
        if kinds:
            self._warned.update((title, kind) for kind in kinds)
            shares = ", ".join(f"{saturated[k] / values[k]:.2%} of {k}" for k in kinds)
            model = f"{title}: " if title else ""
            warnings.warn(
                f"{model}{shares} left its range and was clipped; "
                "calibrate on inputs like these, or use more bits",
                SaturationWarning,
                stacklevel=stack_level(),
            )


def _run(backend, job):
    begin = clock()
    result = backend.run(*job.codes)
    return result, backend.timing, clock() - begin
