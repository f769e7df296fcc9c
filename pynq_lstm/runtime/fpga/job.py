"""One RUN of the kernel: started, waited for, its output fetched and found to be fresh."""

import time

from pynq_lstm.accelerator.native import Command
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.waiting import SPIN, deadline
from pynq_lstm.runtime.report import Timing

ZERO, MEMORY, RESIDENT, KEEP = 0, 1, 2, 4  # register `state`


class Job:
    """Input that lies in an area, ready to be run.

    Parameters
    ----------
    board : Board
    exchange : Exchange
        Of its shape.
    arguments : dict
        Of `Commands.bind`, without the target.
    expected : float
        Seconds, modelled.
    seconds : dict
        Stages that are done: copy, flush.
    """

    def __init__(self, board, exchange, arguments, expected, seconds):
        self._board, self._exchange = board, exchange
        self._arguments, self._expected = arguments, expected
        self.resident = arguments["state"] & 3 == RESIDENT
        self.room = exchange.out_beats
        self._seconds, self._error, self._raw = dict(seconds), None, None
        self._counted, self.timing = False, None

    def start(self, target, spin=True, interrupt=False, count=False):
        """Start the kernel, which rests.

        Parameters
        ----------
        target : Area
            With room for `room` beats.
        spin : bool
            Poll for the first microseconds at once; False returns with the kernel at work.
        interrupt, count : bool
            Let ap_done raise the interrupt; read the cycle counter.
        """
        board, registers = self._board, self._board.registers
        self._target, self._counted = target, count
        if target.epoch is not board.epoch:  # numbers began anew: none of before may be left there
            target.clear()
            target.epoch = board.epoch
        board.commands.bind(Command.RUN, target=(target.address, self.room), **self._arguments)
        self._interrupts(interrupt or count)
        board.in_flight, self._done = self, False
        self._begin = time.perf_counter()
        self._until = board.clock.now() + deadline(self._expected)
        if spin:
            self._done = registers.start_and_spin(SPIN, board.clock)
        else:
            registers.start()

    @property
    def settled(self):
        """Whether the output is fetched, or known to be lost; `take` then needs no turn."""
        return self._raw is not None or self._error is not None

    def take(self):
        """Wait, invalidate, copy the output out of the area.

        Returns
        -------
        ndarray, (beats, 16), uint8

        Raises
        ------
        DeviceTimeout, DeviceError
            The kernel did not end, refused, or wrote nothing; or it was reset meanwhile.
        """
        if self._error is not None:
            raise self._error
        if self._raw is None:
            self._raw = self._fetch()
        return self._raw

    def lose(self, error=None):
        """The kernel was reset or given to others before the output was fetched."""
        self._error = error or DeviceError(
            "run", "lost", "the kernel was reset while it worked", "repeat the call"
        )

    async def interrupted(self, interrupt):
        """Until the interrupt, or the time for it is over: then polls find out."""
        await interrupt.wait(deadline(self._expected))

    def decode(self):
        """The output as an `IntegerResult`."""
        return self._exchange.read(self.take())

    def _fetch(self):
        board = self._board
        if not self._done:
            board.commands.wait(self._until)
        ended = time.perf_counter()
        cycles = board.counter.cycles() if self._counted else None
        self._target.invalidate()
        invalidated = time.perf_counter()
        raw = self._target.beats[: self.room].copy()
        self._check_fresh(raw)
        board.in_flight = None
        self._seconds["run"] = ended - self._begin
        self._seconds["invalidate"] = invalidated - ended
        self._seconds["read"] = time.perf_counter() - invalidated
        self.timing = Timing(
            self._seconds,
            modelled=getattr(board.device, "modelled", False),
            kernel_seconds=self._kernel_seconds(cycles),
            cycles=cycles,
            access=board.registers.way,
        )
        return raw

    def _check_fresh(self, raw):
        """The kernel numbers its runs in what it writes: so no register tells, memory does."""
        found = self._exchange.report(raw).run
        expected = self._board.runs + 1 & 0xFFFF_FFFF
        if found != expected:
            self._board.commands.check_status()
            raise DeviceError(
                "output",
                f"of run {found}",
                f"not of run {expected}: stale",
                "the kernel was reset; repeat the call, and run `pynq-lstm doctor` if this recurs",
            )
        self._board.runs = found

    def _kernel_seconds(self, cycles):
        device = self._board.device
        if getattr(device, "modelled", False):
            return device.kernel_seconds
        return None if cycles is None else cycles / (self._board.overlay.clock_mhz * 1e6)

    def _interrupts(self, wanted):
        registers = self._board.registers
        registers.bind("GIER", int(wanted))
        registers.bind("IP_IER", int(wanted))
        if wanted and registers.read("IP_ISR") & 1:
            registers.write("IP_ISR", 1)  # toggles: only where it is set
