"""A compressed network opened on a back end: in one start, or one session for each pass."""

import asyncio
from contextlib import ExitStack

from pynq_lstm.errors import InputError, PlanError
from pynq_lstm.passes import naming
from pynq_lstm.runtime import benchmark, network_starts, power, refusals
from pynq_lstm.runtime.backends import open_backend
from pynq_lstm.runtime.network_calls import NetworkCalls
from pynq_lstm.runtime.session import Session


class NetworkSession:
    """Runs one compressed network; made by `pynq_lstm.load`, closed by `close` or ``with``.

    On a device all LSTMs run in one start of the kernel where that can be. Else its passes run one
    after another on the same back end; on a device they share the board as sessions do. Both give
    the same bits. Calls take turns as those of a `Session`.

    Parameters
    ----------
    network : CompressedNetwork
    backend : str
    starts : str
        "auto", "one" or "passes"; see `pynq_lstm.load`.
    **options
        As `pynq_lstm.load` takes them; the errors are those of `open_backend`, and where a pass
        does not fit a device they name it. If one cannot be opened, the others are closed.

    Attributes
    ----------
    network : CompressedNetwork
    """

    def __init__(self, network, backend="auto", starts="auto", **options):
        self.network = network
        calls, why = network_starts.one(network, backend, starts, options)
        self._calls = _in_passes(network, backend, options, why) if calls is None else calls

    @property
    def backend(self):
        """Name of the back end; all names, where "auto" took several."""
        return self._calls.name

    @property
    def starts(self):
        """ "one" or "passes": what a call is on a device."""
        return self._calls.starts

    @property
    def why_passes(self):
        """What one start could not do, a str; None where it does."""
        return self._calls.why_passes

    @property
    def last_run(self):
        """`NetworkReport` of the last call or step of a stream; None before the first."""
        return self._calls.last_run

    def infer(self, x, state=None, lengths=None, refinements=None):
        """Run a batch of sequences.

        Parameters
        ----------
        x : ndarray, (inputs, batch, time, input), float32
            External inputs. The first axis is dropped for a single one, the second for an
            unbatched call; a list over inputs where their sizes differ. Or a PackedSequence, as
            `Network.infer` has it.
        state : pair of ndarray, each (models, layers * D, batch, hidden), float32, optional
            (h, c) to start from; zeros by default. Where all models go forward and read every
            step, a sequence cut in two gives the bits of the whole.
        lengths : ndarray, (batch,), int, optional
            Valid steps of x; every model needs one step of its own.
        refinements : int, optional
            Run only the first components of each gate, in every pass; all by default.

        Returns
        -------
        out : ndarray, (models, batch, time, D * hidden), float32
            Of the top layers; exact multiples of h's grid, zero beyond the lengths. A model that
            reads every k-th step has time // k steps, one that reads ``last(...)`` has one.
        state : tuple of ndarray, each (models, layers * D, batch, hidden), float32
            (h, c), by layer, then direction. Axes are dropped, and arrays are lists over models,
            as `Network.infer` has them.

        Raises
        ------
        InputError
            A shape, dtype, length, state or prefix that the network cannot take.
        BackendError
            The session is closed, or no turn came.
        DeviceError
            The device did not answer as it should.
        """
        return self._calls.infer(x, state, lengths, refinements)

    def infer_logits(self, x, state=None, lengths=None, refinements=None, every_step=False):
        """`infer`, then the float32 head on what the wiring's head names.

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
            There is no head, or as `infer`, or `every_step` where the head reads models of
            different rates.
        """
        head, shapes = refusals.head(self.network, "network"), self.network.sequences
        shapes.check_every_step(every_step)
        out, (h, _) = self.infer(x, state, lengths, refinements)
        return shapes.logits(head, out, h, every_step)

    async def infer_async(self, x, state=None, lengths=None, refinements=None):
        """`infer`, awaitable: its starts are awaited one after another, each by the interrupt.

        May be cancelled: no pass begins after that, and the session goes on. Where devices have
        no interrupt it is one thread, whose passes go on to the end when it is cancelled. What
        else the calling thread may do meanwhile is as of `Session.infer_async`.
        """
        calls = self._calls
        if not any(getattr(backend, "interrupts", False) for backend in calls.backends):
            return await asyncio.to_thread(self.infer, x, state, lengths, refinements)
        return (await calls.run_async(calls.prepare(x, state, lengths, refinements)))[0]

    def infer_many(self, inputs, refinements=None):
        """Run one input after another; in one start the next is prepared while one runs.

        Parameters
        ----------
        inputs : iterable
            Of what `infer` takes as `x`; as `Session.infer_many` has it, where there is one start.
        refinements : int, optional

        Returns
        -------
        generator
            Of ``out, (h, c)`` in the order of the inputs.

        Raises
        ------
        InputError
            At once for `refinements`; for an input in its place, after the answers before it.
        BackendError, DeviceError
            As `infer`.
        """
        served = self.network.served(refinements)
        return self._calls.infer_many(refusals.iterator(inputs), served)

    def stream(self, refinements=None):
        """A sequence fed step by step, from zero; slower models run when they are due.

        Parameters
        ----------
        refinements : int, optional

        Returns
        -------
        NetworkStream or OneStartStream
            The latter in one start; both have the same methods and attributes. To be closed,
            best by ``with``; any number may be open.

        Raises
        ------
        InputError
            `refinements`, or a model that goes backward or reads ``last(...)``, which both begin
            where a sequence ends.
        """
        return self._calls.stream(refinements)

    def benchmark(self, x=None, batch=1, steps=32, calls=100, refinements=None):
        """Time repeated calls of `infer`; see `Session.benchmark`.

        Returns
        -------
        Benchmark
        """
        return benchmark.measure(self._calls, x, batch, steps, calls, refinements)

    def power(self, x, seconds=1.0):
        """Measure what the board's rails take while `infer` runs, and joules an inference.

        Parameters
        ----------
        x : ndarray or list
            The input of every call, as `infer` takes it.
        seconds : float
            Of waiting first, then of running.

        Returns
        -------
        Power

        Raises
        ------
        InputError
            As `infer`.
        DeviceError
            There are no rails to be read here.
        """
        if x is None:
            raise InputError("x", None, "no noise is made for networks", "pass a typical input")
        return power.measure(self, x, seconds)

    def close(self):
        """Give everything back; a second call does nothing."""
        self._calls.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _in_passes(network, backend, options, why):
    with ExitStack() as opened:
        sessions = [
            opened.enter_context(_session(network, p, backend, options))
            for p in range(len(network.passes))
        ]
        return NetworkCalls(network, sessions, opened.pop_all(), why)


def _session(network, p, backend, options):
    told = p, network.members[p], network.lstms, network.wiring
    model = network.passes[p]
    with naming.named(PlanError, *told):
        opened = open_backend(backend, model, **options)
    return Session(model, opened, naming.title(*told))
