"""One sequence through a network, fed step by step: one stream for each pass."""

from contextlib import ExitStack
from time import perf_counter

import numpy as np

from pynq_lstm.errors import InputError
from pynq_lstm.passes.flow import Flow
from pynq_lstm.runtime import refusals
from pynq_lstm.runtime.network_arrays import over
from pynq_lstm.runtime.network_report import NetworkReport
from pynq_lstm.runtime.steps import one_step

_ONE = np.ones(1, np.int64)


class NetworkStream:
    """A sequence whose steps come one by one; made by `NetworkSession.stream`.

    Many steps give the bits of one `NetworkSession.infer` over the whole sequence.

    Attributes
    ----------
    refinements : int
        The prefix of the components that was asked for.

    Raises
    ------
    InputError
        A prefix that is not served, or a model that goes backward or does not read every step.
    """

    def __init__(self, calls, refinements):
        network = calls.model
        self.refinements = network.served(refinements)
        _check_every_step(network)
        self._calls, self._network, self._known = calls, network, True
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
            h of the top layers after the step; a list over models where sizes differ.

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
    def state(self):
        """(h, c), each (models, layers, hidden), float32, as an unbatched `infer` has it.

        Can be set, to None for zero too. Raises as `step` does.
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
        flow, reports = Flow(network.lstms, network.stacks, network.wiring, x, _ONE), []
        self._known = False
        for session, stream, own in zip(self._calls.sessions, streams, network.members):
            read = [flow.read(k)[0][0, 0] for k in own]
            out = stream.step(over(read))
            reports.append(session.last_run)
            for k, h in zip(own, [out] if len(own) == 1 else out):
                flow.give(k, h[None, None], h[None])
        self._known = True
        told = self.refinements, perf_counter() - begin, self._calls.why_passes
        self._calls.last_run = NetworkReport.of(reports, *told)
        return flow.out

    def _read(self):
        network, sides = self._network, ([], [])
        found = [[None] * len(network.lstms) for _ in sides]
        for stream, own in zip(self._usable(), network.members):
            for side, values in zip(found, stream.state):
                for k, value in zip(own, [values] if len(own) == 1 else values):
                    side[k] = value
        return tuple(network.sequences.pack_state(side, batched=False) for side in found)

    def _write(self, sides):
        streams = self._usable(anew=True)
        self._known = False
        for stream, own in zip(streams, self._network.members):
            stream.state = tuple(over([side[k] for k in own]) for side in sides)
        self._known = True

    def _reset(self):
        streams = self._usable(anew=True)
        self._known = False
        for stream in streams:
            stream.reset()
        self._known = True

    def _usable(self, anew=False):
        return refusals.open_stream(self._streams, self._known, anew)


def _check_every_step(network):
    wiring = network.wiring
    for name, stack, rate in zip(wiring.names, network.stacks, wiring.rates):
        backward = stack.bidirectional or stack.reverse
        if backward or rate != 1:
            raise InputError(
                "stream",
                name,
                "goes backward" if backward else "does not read every step",
                "call infer with whole sequences",
            )
