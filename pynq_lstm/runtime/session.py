"""A model opened on a back end."""

import asyncio

from pynq_lstm.runtime import benchmark, many, power, refusals
from pynq_lstm.runtime.calls import Calls
from pynq_lstm.runtime.direct import DirectCalls
from pynq_lstm.runtime.stream import Stream


class Session:
    """Runs one compressed model; made by `pynq_lstm.load`, closed by `close` or ``with``.

    Calls on one session are serialised, whatever threads, coroutines, generators and
    streams they come from; none waits for its turn longer than ten minutes.

    Parameters
    ----------
    model : CompressedModel
    backend
        As `open_backend` makes it.
    title : str
        What warnings call the model, one of several.

    Attributes
    ----------
    model : CompressedModel
    """

    def __init__(self, model, backend, title=""):
        self.model = model
        self._calls = (DirectCalls if hasattr(backend, "bind") else Calls)(model, backend, title)

    @property
    def backend(self):
        """Name of the back end."""
        return self._calls.name

    @property
    def last_run(self):
        """`RunReport` of the last call or step of a stream; None before the first."""
        return self._calls.last_run

    def infer(self, x, state=None, lengths=None, refinements=None):
        """Run a batch of sequences.

        Parameters
        ----------
        x : ndarray, (models, batch, time, input), float32
            The first axis is dropped for a single model, the second for an
            unbatched call; a list over models where sizes differ. Or a PackedSequence, or a
            list of them over models: what is returned is padded, in the order in which the
            sequences were packed.
        state : pair of ndarray, each (models, 1, batch, hidden), float32, optional
            (h, c) to start from; zeros by default. A returned state re-enters
            unchanged: a sequence cut in two gives the bits of the whole.
        lengths : ndarray, (batch,), int, optional
            Valid steps of each sequence, 1 to time.
        refinements : int, optional
            Run only the first components of each gate; all by default.

        Returns
        -------
        out : ndarray, (models, batch, time, hidden), float32
            Zero beyond a sequence's length; exact multiples of h's grid.
        state : tuple of ndarray, each (models, 1, batch, hidden), float32
            (h, c) after the last valid step of each sequence.

        Raises
        ------
        InputError
            A shape, dtype, length, state or prefix that the model cannot take.
        BackendError
            The session is closed, or no turn came.
        DeviceError
            The device did not answer as it should; its subclasses say what is left.
        """
        return self._calls.infer(x, state, lengths, refinements)

    async def infer_async(self, x, state=None, lengths=None, refinements=None):
        """`infer`, awaitable: by the device's interrupt where there is one, else in a thread.

        May be cancelled; the session goes on. While the device runs for a coroutine, any other
        call of the session from the same thread must be awaited as well: one that would block the
        event loop raises `BackendError`.
        """
        calls = self._calls
        if not getattr(calls.backend, "interrupts", False):
            return await asyncio.to_thread(self.infer, x, state, lengths, refinements)
        return (await calls.run_async(calls.prepare(x, state, lengths, refinements)))[0]

    def infer_many(self, inputs, refinements=None):
        """Run one input after another; on a device the next is prepared while one runs.

        Parameters
        ----------
        inputs : iterable
            Of what `infer` takes as `x`. A device asks for one input more before it gives an
            answer: live sources are for `infer` or `stream`.
        refinements : int, optional

        Returns
        -------
        generator
            Of ``out, (h, c)`` in the order of the inputs. Other calls of the session may come
            between two of its answers, and it need not be used up.

        Raises
        ------
        InputError
            At once for `refinements`; for an input in its place, after the answers before it.
        BackendError, DeviceError
            As `infer`.
        """
        inputs = refusals.iterator(inputs)
        return many.run_many(self._calls, inputs, self.model.served(refinements))

    def stream(self, refinements=None):
        """A sequence fed step by step, from zero.

        Parameters
        ----------
        refinements : int, optional

        Returns
        -------
        Stream
            To be closed, best by ``with``; any number may be open.
        """
        return Stream(self._calls, self.model.served(refinements))

    def infer_logits(self, x, state=None, lengths=None, refinements=None, every_step=False):
        """`infer`, then the float32 head on the last hidden states of all models.

        Parameters
        ----------
        x, state, lengths, refinements
            As `infer` takes them.
        every_step : bool
            Apply the head after every step instead of after the last.

        Returns
        -------
        ndarray, (batch, classes) or (batch, time, classes), float32

        Raises
        ------
        InputError
            The model has no head, or as `infer`.
        """
        head, calls = refusals.head(self.model, "model"), self._calls
        out, (h, _) = calls.infer(x, state, lengths, refinements)
        return calls.shapes.logits(head, out, h, every_step)

    def benchmark(self, x=None, batch=1, steps=32, calls=100, refinements=None):
        """Time repeated calls of `infer`.

        Parameters
        ----------
        x : ndarray, optional
            The input of every call; default: zeros of `batch` sequences of `steps`.
        batch, steps, calls : int
            At least 1.
        refinements : int, optional
            As `infer` takes it.

        Returns
        -------
        Benchmark
            p50, p99, max and mean, in seconds, and the stages.
        """
        return benchmark.measure(self._calls, x, batch, steps, calls, refinements)

    def power(self, x=None, seconds=1.0):
        """Measure what the board's rails take while `infer` runs, and joules an inference.

        Parameters
        ----------
        x : ndarray, optional
            The input of every call; default: noise, one sequence of 32 steps.
        seconds : float
            Of waiting first, then of running.

        Returns
        -------
        Power

        Raises
        ------
        DeviceError
            There are no rails to be read here.
        """
        return power.measure(self, x, seconds)

    def close(self):
        """Give everything back; a second call does nothing.

        Raises
        ------
        BackendError
            A coroutine of this thread runs on the session: await it first.
        """
        self._calls.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
