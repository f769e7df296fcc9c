"""The passes of a network's call: one after another, run or awaited, one call at a time."""

import time
from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from pynq_lstm.packed import padded
from pynq_lstm.passes.flow import Flow
from pynq_lstm.runtime.network_arrays import over
from pynq_lstm.runtime.network_report import NetworkReport
from pynq_lstm.runtime.network_stream import NetworkStream
from pynq_lstm.runtime.turns import Turns


class NetworkJob(NamedTuple):
    """A call that is checked.

    Attributes
    ----------
    x : list of ndarray, (batch, time, input), float32
        External inputs.
    state : tuple of list of ndarray, (batch, hidden), float32, or None
        h and c, over LSTMs.
    lengths : ndarray, (batch,), int64
    padded : bool
        Whether lengths were given.
    refinements : int
        That the network was asked for.
    served : list of int
        Of each pass.
    batched : bool
    """

    x: List[np.ndarray]
    state: Optional[Tuple[list, list]]
    lengths: np.ndarray
    padded: bool
    refinements: int
    served: List[int]
    batched: bool


class NetworkCalls:
    """A network on the sessions of its passes, one call at a time.

    Parameters
    ----------
    network : CompressedNetwork
    sessions : list of Session
        One for each pass.
    opened : ExitStack
        Closes them.
    why_passes : str
        What one start could not do.

    Attributes
    ----------
    last_run : NetworkReport or None
    turns : Turns
    """

    starts = "passes"

    def __init__(self, network, sessions, opened, why_passes):
        self.model, self.sessions, self._opened = network, sessions, opened
        self.why_passes = why_passes
        self.last_run, self.turns = None, Turns()

    @property
    def name(self):
        """Name of the back end; all names, where "auto" took several."""
        return ", ".join(dict.fromkeys(session.backend for session in self.sessions))

    @property
    def backends(self):
        """Back ends of the passes; None where a session is closed."""
        return [session._calls.backend for session in self.sessions]

    def prepare(self, x, state, lengths, refinements):
        """Arguments of `NetworkSession.infer` as a `NetworkJob`."""
        network, shapes = self.model, self.model.sequences
        x, lengths = padded(x, lengths)
        asked, served = network.served(refinements), network.served_by_passes(refinements)
        x, batched = shapes.inputs(x)
        state = None if state is None else shapes.state(state, len(x[0]), batched)
        steps = shapes.lengths(lengths, *x[0].shape[:2])
        return NetworkJob(x, state, steps, lengths is not None, asked, served, batched)

    def infer(self, x, state, lengths, refinements):
        """What `NetworkSession.infer` returns."""
        return self.turns.run(self._run, self.prepare(x, state, lengths, refinements))[0]

    def infer_many(self, inputs, refinements):
        """Answers one after another; nothing is prepared ahead."""
        return (self.infer(x, None, None, refinements) for x in inputs)

    def stream(self, refinements):
        """One sequence step by step: a stream for each pass."""
        return NetworkStream(self, refinements)

    def close(self):
        """Close all sessions; a second call does nothing."""
        self.turns.run(self._opened.close)

    async def run_async(self, job):
        """The answer of a job whose passes are awaited, and its report."""
        return await self.turns.run_async(self._await, job)

    def _run(self, job):
        run = _Run(self.model, job)
        for p, session in enumerate(self.sessions):
            run.take(p, session.infer(*run.arguments(p)), session.last_run)
        return self._ended(run)

    async def _await(self, job):
        run = _Run(self.model, job)
        for p, session in enumerate(self.sessions):
            run.take(p, await session.infer_async(*run.arguments(p)), session.last_run)
        return self._ended(run)

    def _ended(self, run):
        answer, self.last_run = run.end(self.why_passes)
        return answer, self.last_run


class _Run:
    """One call on its way through the passes.

    Parameters
    ----------
    network : CompressedNetwork
    job : NetworkJob
    """

    def __init__(self, network, job):
        self._begin, self._network, self._job = time.perf_counter(), network, job
        self._flow = Flow(network.lstms, network.stacks, network.wiring, job.x, job.lengths)
        self._sides = tuple([None] * len(network.lstms) for _ in range(2))
        self._reports = []

    def arguments(self, p):
        """Those of `Session.infer` for pass p."""
        own, job = self._network.members[p], self._job
        read, steps = zip(*map(self._flow.read, own))
        state = job.state and tuple(over([side[k][None] for k in own]) for side in job.state)
        return over(read), state, steps[0] if job.padded else None, job.served[p]

    def take(self, p, answer, report):
        """What pass p gave, and its report."""
        own, (out, ends) = self._network.members[p], answer
        if len(own) == 1:
            out, ends = [out], [[end] for end in ends]
        for j, k in enumerate(own):
            for side, end in zip(self._sides, ends):
                side[k] = end[j][0]
            self._flow.give(k, out[j], self._sides[0][k])
        self._reports.append(report)

    def end(self, why_passes):
        """out, (h, c) as `NetworkSession.infer` returns them, and the report."""
        shapes, job = self._network.sequences, self._job
        out = shapes.pack_out(self._flow.out, job.batched)
        state = tuple(shapes.pack_state(side, job.batched) for side in self._sides)
        total = time.perf_counter() - self._begin
        return (out, state), NetworkReport.of(self._reports, job.refinements, total, why_passes)
