"""The back end on the board: a model's image, its buffers, and runs one after another."""

import asyncio
import contextlib
import time

from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import BackendError, DeviceError
from pynq_lstm.runtime.fpga import files, pieces
from pynq_lstm.runtime.fpga.areas import Areas
from pynq_lstm.runtime.fpga.boards import active_device, close_board, open_board
from pynq_lstm.runtime.fpga.exchange import Exchanges
from pynq_lstm.runtime.fpga.interrupt import find_interrupt
from pynq_lstm.runtime.fpga.job import KEEP, MEMORY, ZERO, Job
from pynq_lstm.runtime.fpga.modelled_times import ModelledTimes
from pynq_lstm.runtime.fpga.resident import ResidentStream
from pynq_lstm.runtime.report import Timing


class FpgaBackend:
    """Runs a compressed model on the accelerator, with the bits of `reference.run`.

    Parameters
    ----------
    model : CompressedModel or Plan
        Of a plan x, h and c are lists in the order of its `members`, x without elements where
        there is no external input; so are results.
    overlay : str or path, optional
        Path of a .bit, folder with a design.json, or name of a design; default: the design for
        the model's method and activations.
    device : pynq Device, optional
        Default: pynq's active device.
    access : str, optional
        The way to the registers: "mmio", "memoryview" or "c"; default: the fastest here.

    Attributes
    ----------
    timing : Timing
        Of the last run.
    count_cycles : bool
        Read the cycle counter around runs; costs register accesses.

    Raises
    ------
    CapacityError
        The model does not fit the design.
    DeviceError
        See `boards.open_board`; or the kernel refuses the image.
    """

    name = "fpga"

    def __init__(self, model, overlay=None, device=None, access=None):
        plan = model if isinstance(model, Plan) else Plan.of_model(model)
        found = self._files(overlay, plan.models[0])
        self.image = pack(plan, found.design)
        self.count_cycles, self.timing = False, None
        self.pieces, self._exchanges = pieces.Pieces(self.image), Exchanges(self.image)
        self._times, self._interrupt = ModelledTimes(self.image), None
        self.board = open_board(found, device or _real_device(), access)
        self.areas = Areas(self.board.device)
        try:
            know = getattr(self.board.device, "know_image", None)
            if know is not None:  # an emulator models the time of runs from the schedules
                know(self.image)
            with self.board.turn():
                self.own()
            self._interrupt = find_interrupt(self.board.device)
        except BaseException:
            self.close()
            raise

    @property
    def interrupts(self):
        """Whether the kernel's interrupt reaches this process."""
        return self._interrupt is not None

    @property
    def idle(self):
        """The `Timing` of no run: zero of what a run would tell now, None of the rest."""
        board = self._opened().board
        modelled = getattr(board.device, "modelled", False)
        cycles = 0 if self.count_cycles else None
        seconds = 0.0 if modelled or self.count_cycles else None
        return Timing({}, modelled, seconds, cycles, board.registers.way)

    def run(self, x, h, c, lengths, refinements):
        """Run a batch; arguments and result are those of `reference.run`.

        Raises
        ------
        DeviceTimeout, DeviceError
            The run failed; the kernel was reset, and the next call works.
        DeviceFailed
            The board could not be brought back.
        """
        cuts = self._opened().pieces.split(lengths)
        if len(cuts) == 1:
            job = self._begin(x, h, c, lengths, refinements)
            return self._end(job)
        jobs = (
            (*([a[cut] for a in side] for side in (x, h, c)), lengths[cut], refinements)
            for cut in cuts
        )
        results, timings = [], []
        for result in self.run_many(jobs):
            results.append(result)
            timings.append(self.timing)
        self.timing = Timing.sum(timings)
        return pieces.join(results)

    def run_many(self, jobs):
        """Run one after another; the next input is copied while the kernel works.

        Parameters
        ----------
        jobs : iterable of (x, h, c, lengths, refinements)

        Yields
        ------
        IntegerResult
            In order; `timing` is that of the one just yielded.
        """
        ahead, slot = None, 0
        for x, h, c, lengths, refinements in jobs:
            if len(self._opened().pieces.split(lengths)) > 1:
                if ahead is not None:
                    yield self._end(ahead)
                ahead = None
                yield self.run(x, h, c, lengths, refinements)
                continue
            with self.board.turn():
                if self.board.in_flight is not ahead:  # another's, which may read our areas
                    self.own()
                job = self.prepare(x, h, c, lengths, refinements, slot)
                self.own()  # the kernel works until here
                self.start(job, spin=False)
            if ahead is not None:
                yield self._end(ahead)
            ahead, slot = job, 1 - slot
        if ahead is not None:
            yield self._end(ahead)

    async def run_async(self, x, h, c, lengths, refinements):
        """`run`, awaiting the kernel's interrupt; a batch of one piece."""
        if len(self._opened().pieces.split(lengths)) > 1:
            return await asyncio.to_thread(self.run, x, h, c, lengths, refinements)
        job = self._begin(x, h, c, lengths, refinements, spin=False, interrupt=True)
        await job.interrupted(self._interrupt)
        return self._end(job)

    def open_stream(self, refinements):
        """One sequence step by step, its state on chip."""
        return ResidentStream(self._opened(), refinements)

    def close(self):
        """Give buffers and board back; a second call does nothing."""
        board, self.board = self.board, None
        if board is None:
            return
        with contextlib.ExitStack() as stack:
            stack.callback(close_board, board)
            stack.callback(self._free_areas, board)
            if self._interrupt is not None:
                stack.callback(self._interrupt.close)
            board.dismiss(self)

    def own(self):
        """Have the kernel at rest with this model's image; in the board's turn."""
        board = self.board
        board.settle()
        if board.loaded is self:
            return
        board.evict()
        area, beats = self.areas.image(self.image.beats), len(self.image.beats)
        area.flush()
        board.loaded = None
        board.commands.run(Command.LOAD, self._times.load, source=(area.address, beats))
        board.loaded = self

    def prepare(self, x, h, c, lengths, refinements, slot=0, state=None):
        """Copy an input into an area and flush it; in the board's turn.

        Parameters
        ----------
        x, h, c, lengths, refinements
            As `run` takes them.
        slot : int
            0 or 1: the one that the kernel does not read.
        state : int, optional
            Of the register; default: zero or from memory, and kept.

        Returns
        -------
        Job
        """
        begin = time.perf_counter()
        if state is None:
            given = any(a.any() for side in (h, c) for a in side)
            state = (MEMORY if given else ZERO) | KEEP
        exchange = self._exchanges.of(lengths, x[0].shape[1], state & 3 == MEMORY, state & KEEP > 0)
        area = self.areas.source(slot, exchange.in_beats)
        exchange.write(area.beats, x, h, c)
        copied = time.perf_counter()
        area.flush()
        seconds = {"copy": copied - begin, "flush": time.perf_counter() - copied}
        arguments = {
            "source": (area.address, exchange.in_beats),
            "sequences": len(lengths),
            "refinements": int(refinements),
            "state": state,
        }
        expected = self._times.run(lengths)
        return Job(self.board, exchange, arguments, expected, seconds)

    def start(self, job, spin=True, interrupt=False):
        """Start a job on the kernel, which rests; in the board's turn."""
        if not job.resident and self.board.resident is not None:
            self.board.evict()
        target = self.areas.target(job.room)
        job.start(target, spin, interrupt, self.count_cycles)

    def _begin(self, x, h, c, lengths, refinements, **how):
        with self.board.turn():
            self.own()
            job = self.prepare(x, h, c, lengths, refinements)
            self.start(job, **how)
        return job

    def _end(self, job):
        if not job.settled:
            with self._opened().board.turn():
                if not job.settled:
                    job.take()
        self.timing = job.timing
        return job.decode()

    def _free_areas(self, board):
        try:
            self.areas.free()
        except DeviceError:
            if not board.failed:  # else its user knows already
                raise

    def _files(self, overlay, model):
        return files.find(overlay, model)

    def _opened(self):
        if self.board is None:
            raise BackendError("backend", self.name, "closed", "open another session")
        return self


def _real_device():
    device = active_device()
    if getattr(device, "modelled", False):
        raise DeviceError("device", device.name, "is an emulated one", 'use backend="emulator"')
    return device
