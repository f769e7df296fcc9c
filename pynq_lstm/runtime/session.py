"""A model opened on a back end."""

import asyncio
import numbers
import threading
import time
import warnings

import numpy as np

from pynq_lstm.errors import BackendError, InputError, SaturationWarning
from pynq_lstm.runtime import conversion
from pynq_lstm.runtime.report import Benchmark, RunReport, value_counts
from pynq_lstm.sequences import Sequences


class Session:
    """Runs one compressed model; made by `pynq_lstm.load`, closed by `close` or ``with``.

    Calls on one session are serialised, from whatever thread they come.

    Attributes
    ----------
    model : CompressedModel
    last_run : RunReport or None
        Of the last call: back end, seconds by stage, values that saturated.
    """

    def __init__(self, model, backend):
        self.model = model
        self.last_run = None
        self._backend, self._name = backend, backend.name
        self._shapes = Sequences(model.input_sizes, model.hidden_sizes)
        self._lock = threading.Lock()
        self._warned = set()

    @property
    def backend(self):
        """Name of the back end."""
        return self._name

    def infer(self, x, state=None, lengths=None, refinements=None):
        """Run a batch of sequences.

        Parameters
        ----------
        x : ndarray, (models, batch, time, input), float32
            The first axis is dropped for a single model, the second for an
            unbatched call; a list over models where sizes differ.
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
            The session is closed.
        """
        return self._infer(x, state, lengths, refinements)

    async def infer_async(self, x, state=None, lengths=None, refinements=None):
        """`infer` in a thread, awaitable."""
        return await asyncio.to_thread(self.infer, x, state, lengths, refinements)

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
        if self.model.head is None:
            raise InputError(
                "head", None, "this model has none", "use infer, or compress a network with a head"
            )
        out, (h, _) = self._infer(x, state, lengths, refinements)
        return self._shapes.logits(self.model.head, out, h, every_step)

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
            p50, p99, max and mean, in seconds.
        """
        for name, value in (("batch", batch), ("steps", steps), ("calls", calls)):
            if not isinstance(value, numbers.Integral) or value < 1:
                raise InputError(name, value, "not a count", "pass an integer of at least 1")
        if x is None:
            zeros = [np.zeros((batch, steps, n), np.float32) for n in self.model.input_sizes]
            x = zeros if self.model.models > 1 else zeros[0]
        seconds = []
        for _ in range(calls + 1):
            begin = time.perf_counter()
            self.infer(x, refinements=refinements)
            modelled = self.last_run.modelled
            seconds.append(self.last_run.total_seconds if modelled else time.perf_counter() - begin)
        return Benchmark.of(self.backend, seconds[1:], modelled)  # the first call warms up

    def close(self):
        """Give everything back; a second call does nothing."""
        with self._lock:
            backend, self._backend = self._backend, None
            if backend is not None:
                backend.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _infer(self, x, state, lengths, refinements):
        x, batched = self._shapes.inputs(x)
        batch, steps = x[0].shape[:2]
        h, c = self._shapes.state(state, batch, batched)
        lengths = self._shapes.lengths(lengths, batch, steps)
        refinements = self.model.served(refinements)
        with self._lock:
            if self._backend is None:
                raise BackendError(
                    "session", "closed", "it runs no more", "open another one with pynq_lstm.load"
                )
            out, h, c = self._run(x, h, c, lengths, refinements)
        return self._shapes.pack_out(out, batched), (
            self._shapes.pack_state(h, batched),
            self._shapes.pack_state(c, batched),
        )

    def _run(self, x, h, c, lengths, refinements):
        """Quantise, run, dequantise; lists over models in and out."""
        clock = time.perf_counter
        begin = clock()
        x, h, c, clipped = conversion.to_codes(self.model, x, h, c, lengths)
        quantised = clock()
        result = self._backend.run(x, h, c, lengths, refinements)
        ran = clock()
        answer = conversion.from_codes(self.model, result)
        done = clock()
        self.last_run = RunReport(
            backend=self.backend,
            seconds={
                "quantise": quantised - begin,
                "run": ran - quantised,
                "dequantise": done - ran,
            },
            modelled=False,
            cycles=None,
            saturated={**clipped, **result.saturated},
            values=value_counts(self.model, lengths, refinements),
            refinements=refinements,
        )
        self._warn_of_saturation()
        return answer

    def _warn_of_saturation(self):
        kinds = [k for k in self.last_run.clipped_kinds() if k not in self._warned]
        if kinds:
            self._warned.update(kinds)
            shares = ", ".join(
                f"{self.last_run.saturated[k] / self.last_run.values[k]:.2%} of {k}" for k in kinds
            )
            warnings.warn(
                f"{shares} left its range and was clipped; "
                "calibrate on inputs like these, or use more bits",
                SaturationWarning,
                stacklevel=5,
            )
