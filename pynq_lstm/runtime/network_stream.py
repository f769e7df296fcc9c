"""One sequence through a network, fed step by step: one stream for each pass."""

from contextlib import ExitStack
from itertools import accumulate
from time import perf_counter

import numpy as np

from pynq_lstm.passes.flow import Flow
from pynq_lstm.runtime import refusals
from pynq_lstm.runtime.network_arrays import over
from pynq_lstm.runtime.network_pace import Pace
from pynq_lstm.runtime.network_report import NetworkReport
from pynq_lstm.runtime.steps import one_step

_ONE = np.ones(1, np.int64)


class NetworkStream:
    """A sequence whose steps come one by one; made by `NetworkSession.stream`.

    Many steps give the bits of one `NetworkSession.infer` over the whole sequence. A model that
    reads every k-th step runs at steps k, 2 k, ... of the stream; between these its h stays.

    Attributes
    ----------
    refinements : int
        The prefix of the components that was asked for.

    Raises
    ------
    InputError
        A prefix that is not served, or a model that goes backward or reads ``last(...)``.
    """

    def __init__(self, calls, refinements):
        network = calls.model
        self.refinements = network.served(refinements)
        self._calls, self._network, self._known = calls, network, True
        self._pace, self._held = Pace(network), _zeros(network)
        with ExitStack() as opened:
            self._streams = [
                opened.enter_context(own.stream(prefix))
                for own, prefix in zip(calls.sessions, network.served_by_passes(refinements))
            ]
            self._opened = opened.pop_all()

    def step(self, x):
        """Run one step.

        Parameters
        ----------
        x : ndarray, (inputs, input), float32
            The axis is dropped for a single external input; a list where sizes differ.

        Returns
        -------
        ndarray, (models, hidden), float32
            h of the top layers after the step; a list over models where sizes or rates differ.
            Of a model that did not run, the h that it has had since: before its first run the
            one that the stream began with. `ran` tells which did.

        Raises
        ------
        InputError
            A shape, dtype or value that the network cannot take; the stream goes on as if the
            call had not been.
        BackendError
            The stream or its session is closed, or an earlier step did not end and nobody has set
            the state since.
        """
        shapes = self._network.sequences
        x = [a[None, None] for a in one_step(shapes, x)]
        out = self._calls.turns.run(self._step, x)
        return shapes.pack_out([a[0, 0] for a in out], batched=True)

    @property
    def ran(self):
        """Of each model, whether the last step ran it, a tuple of bool.

        All are False before the first step, and after `reset` or a state that was set.
        """
        return self._pace.due

    @property
    def state(self):
        """(h, c), each (models, layers, hidden), float32, as an unbatched `infer` has it.

        Can be set, to None for zero too; then steps count from one again, as those of an `infer`
        with this state, so hand states over at multiples of all rates. Raises as `step` does.
        """
        return self._calls.turns.run(self._read)

    @state.setter
    def state(self, state):
        self._calls.turns.run(self._write, self._network.sequences.state(state, 1, batched=False))

    def reset(self):
        """Begin another sequence, from zero."""
        self._calls.turns.run(self._reset)

    def close(self):
        """Give back what the stream holds."""
        self._streams = None
        self._opened.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _step(self, x):
        begin, network, streams = perf_counter(), self._network, self._usable()
        flow, reports = Flow(network.lstms, network.stacks, self._pace.wiring, x, _ONE), []
        due = self._pace.next()
        if not any(due):  # a pass that runs would see it
            refusals.open_session(self._calls.backends[0])
        self._known = False
        for session, stream, own in zip(self._calls.sessions, streams, network.members):
            if not due[network.lstms[own[0]].model]:  # nor is any other of the pass
                continue
            read = [flow.read(k)[0][0, 0] for k in own]
            out = stream.step(over(read))
            reports.append(session.last_run)
            for k, h in zip(own, [out] if len(own) == 1 else out):
                flow.give(k, h[None, None], h[None])
        out = [flow.out_of(j) if now else self._held[j][None, None] for j, now in enumerate(due)]
        if self._pace.slower:  # what is given away is the caller's to write to
            self._held = [a[0, 0].copy() for a in out]
        self._pace.ended(due)
        self._known = True
        told = self.refinements, perf_counter() - begin, self._calls.why_passes
        if reports:
            self._calls.last_run = NetworkReport.of(reports, *told)
        else:
            self._calls.last_run = NetworkReport.idle(network, self._calls.backends, *told)
        return out

    def _read(self):
        sides = self._sides(self._usable())
        return tuple(self._network.sequences.pack_state(side, batched=False) for side in sides)

    def _sides(self, streams):
        """h and c, each a list over LSTMs of (1, hidden)."""
        found = [[None] * len(self._network.lstms) for _ in "hc"]
        for stream, own in zip(streams, self._network.members):
            for side, values in zip(found, stream.state):
                for k, value in zip(own, [values] if len(own) == 1 else values):
                    side[k] = value
        return found

    def _write(self, sides):
        streams = self._usable(anew=True)
        self._known = False
        for stream, own in zip(streams, self._network.members):
            stream.state = tuple(over([side[k] for k in own]) for side in sides)
        if self._pace.slower:  # on its grid, which what was given need not be on
            h, tops = self._sides(streams)[0], accumulate(s.cells for s in self._network.stacks)
            self._held = [h[end - 1][0] for end in tops]
        self._pace.begin()
        self._known = True

    def _reset(self):
        streams = self._usable(anew=True)
        self._known = False
        for stream in streams:
            stream.reset()
        self._held = _zeros(self._network)
        self._pace.begin()
        self._known = True

    def _usable(self, anew=False):
        return refusals.open_stream(self._streams, self._known, anew)


def _zeros(network):
    """h of the top layers of a sequence that has not begun."""
    return [np.zeros(size, np.float32) for size in network.hidden_sizes]
