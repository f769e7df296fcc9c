"""The back end in C: packs a model once, then hands batches to the kernels."""

import time as clock
from threading import Lock

import numpy as np

from pynq_lstm.errors import BackendError
from pynq_lstm.reference import IntegerResult
from pynq_lstm.runtime.answers import parts
from pynq_lstm.runtime.cpu import library
from pynq_lstm.runtime.cpu.binding import Binding
from pynq_lstm.runtime.cpu.program import Program
from pynq_lstm.runtime.cpu.steps import CpuSteps

PREFIXES, BINDINGS = 4, 16  # kept: weights of as many prefixes, arguments of as many shapes
WAIT_SECONDS = 600.0  # for the session's other calls
_POLL_SECONDS = 1e-4


class CpuBackend:
    """Runs a compressed model in C, with the bits of `reference.run`.

    A call releases the interpreter's lock while it computes. Calls of several threads
    run one after another.

    Parameters
    ----------
    model : CompressedModel
    threads : int
        That a call is divided among: models and sequences, or the rows of a single large one.
    kernel : str, optional
        A kernel by name; the best for this processor by default.

    Attributes
    ----------
    kernel : str
        Name of the kernel that runs: "avx512_amx", "avx512_vnni", "avx2", "neon" or "portable".

    Raises
    ------
    BackendError
        The kernels are not built or do not compute this model, or the back end is closed.
    InputError
        A number of threads or a kernel that this machine does not have.
    """

    name = "cpu"
    timing = None  # the session measures the run

    def __init__(self, model, threads=1, kernel=None):
        self._library = library.load()
        self._kernel = library.choose(kernel)
        self._threads = library.checked_threads(threads)
        self.kernel = self._library.ffi.string(self._kernel.name).decode()
        # for callers that hold a binding's call and contiguous arrays: see `infer`
        self.run_bound, self.view = self._library.lib.lstm_infer, self._library.ffi.from_buffer
        self.null = self._library.ffi.NULL
        self._model, self._closed = model, False
        self._busy = self._library.ffi.new("int32_t *")
        self._lock = Lock()  # of the two below
        self._programs, self._bindings = {}, {}
        self._program(model.max_refinements)

    def bind(self, batch, time, refinements, lengths=None, codes=False):
        """A `Binding`, kept for the next call of the same shape; one with lengths is a copy of it.

        Raises
        ------
        BackendError
            The back end is closed.
        """
        refinements = min(refinements, self._model.max_refinements)
        key = batch, time, refinements, codes
        binding = self._bindings.get(key)
        if binding is None:
            binding = self._binding((batch, time), refinements, self._threads, codes)
            with self._lock:
                _keep(self._bindings, key, binding, BINDINGS)
        return binding if lengths is None else binding.of_lengths(lengths)

    def bind_step(self, refinements, codes=False):
        """A `Binding` of one step of one sequence; its own, on one thread.

        Floats may be given their state to change in place: it stays where x is not finite.
        """
        binding = self._binding((1, 1), refinements, 1, codes)
        if not codes:
            binding.call.check_first = sum(self._model.input_sizes)
        return binding

    def open_stream(self, refinements):
        """See `runtime.backends`."""
        return CpuSteps(self, self._model, refinements)

    def _binding(self, shape, refinements, threads, codes):
        with self._lock:
            if self._closed:
                raise BackendError("backend", self.name, "closed", "make another one")
            program = self._program(refinements)
        kernel, busy = self._kernel, self._busy
        return Binding(self._library, kernel, program, self._model, shape, threads, busy, codes)

    def run(self, x, h, c, lengths, refinements):
        """Run a batch of sequences; arguments and result are those of `reference.run`.

        Parameters
        ----------
        x : list of ndarray, (batch, time, input), int
            Codes of x, one array for each model.
        h, c : list of ndarray, (batch, hidden), int
            Not changed.
        lengths : ndarray, (batch,), int
        refinements : int

        Returns
        -------
        IntegerResult
            Arrays of int16.
        """
        batch, time = x[0].shape[:2]
        lengths = None if np.all(np.equal(lengths, time)) else np.asarray(lengths, np.int64)
        return self.run_codes(self.bind(batch, time, refinements, lengths, codes=True), x, h, c)

    def run_codes(self, binding, x, h, c):
        """`run` of a binding of codes."""
        batch, time = x[0].shape[:2]
        sizes = self._model.hidden_sizes
        out = np.zeros(batch * time * sum(sizes), np.int16)
        state = np.empty(2 * batch * sum(sizes), np.int16)
        counts = self.infer(binding, x, h, c, out, state).counts
        h, c = state.reshape(2, -1)
        return IntegerResult(
            parts(out, sizes, (batch, time)),
            parts(h, sizes, (batch,)),
            parts(c, sizes, (batch,)),
            {kind: counts[kind] for kind in ("p", "pre", "c")},
        )

    def infer(self, binding, x, h, c, out, state):
        """Run a binding; waits for other calls of the session.

        Parameters
        ----------
        binding : Binding
        x, h, c : list of ndarray
            One for each model; h and c may be None, for zeros.
        out, state : ndarray, flat over models, contiguous
            Written: the output, and h of all models, behind it c. Their dtype is that of all.

        Returns
        -------
        Ran
            Of this run, whatever others of the same shape have come since.

        Raises
        ------
        BackendError
            Other calls took too long.
        """
        x, h, c = (None if a is None else _flat(a, out.dtype) for a in (x, h, c))
        pointers = [self.null if a is None else self.view(a) for a in (x, h, c, out, state)]
        deadline = clock.monotonic() + WAIT_SECONDS
        call = binding.own_call()
        while self.run_bound(call, *pointers) < 0:
            if clock.monotonic() > deadline:
                raise BackendError(
                    "session",
                    "busy",
                    f"no turn within {WAIT_SECONDS:g} s",
                    "wait for the calls that run, or open another session",
                )
            clock.sleep(_POLL_SECONDS)
        return binding.ran(call)

    def close(self):
        """Free the packed weights; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._programs, self._bindings = {}, {}

    def _program(self, refinements):
        program = self._programs.get(refinements)
        if program is None:
            program = Program(self._library.ffi, self._kernel, self._model, refinements)
            _keep(self._programs, refinements, program, PREFIXES)
        return program


def _keep(kept, key, value, most):
    """Add to a dictionary, which drops its oldest entry when it is full."""
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]


def _flat(arrays, dtype):
    """Arrays of all models one behind the other, contiguous."""
    if len(arrays) == 1:
        return np.ascontiguousarray(arrays[0], dtype).reshape(-1)
    return np.concatenate([np.asarray(a, dtype).reshape(-1) for a in arrays])
