"""One overlay on a device: its kernel, and whose turn it is. The sessions of a process share it."""

from contextlib import contextmanager

from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.registers import RESET_GPIO
from pynq_lstm.errors import DeviceError, DeviceFailed
from pynq_lstm.runtime.fpga import checks, self_test
from pynq_lstm.runtime.fpga.area import BufferMemoryError
from pynq_lstm.runtime.fpga.commands import Commands
from pynq_lstm.runtime.fpga.counter import CycleCounter
from pynq_lstm.runtime.fpga.overlay import LstmOverlay
from pynq_lstm.runtime.fpga.reset_line import ResetLine
from pynq_lstm.runtime.fpga.waiting import clock_of


class Board:
    """An overlay on a device, opened by `boards.open_board`.

    Parameters
    ----------
    files : OverlayFiles
    holder : boards.Holder
        Of the device; says which board's overlay is loaded.
    access : str or None
        The way to the registers.

    Attributes
    ----------
    loaded : object or None
        Whose image the kernel holds.
    resident : object or None
        The stream whose state is on chip: ``save()`` before it is overwritten, ``lose()`` when
        that could not be done.
    in_flight : Job or None
        What the kernel works on; ``take()`` fetches its output.
    runs : int
        RUNs that the kernel has finished since its reset.
    commands : Commands
    registers : BoundRegisters
    counter : CycleCounter
    overlay : LstmOverlay
    """

    def __init__(self, files, holder, access=None):
        self.files, self.device, self._holder = files, holder.device, holder
        self.clock = clock_of(holder.device)
        self.failed = None
        self.loaded = self.resident = self.in_flight = None
        self.runs = 0
        self.overlay = self.registers = self.commands = self.counter = None
        self._access = access

    @contextmanager
    def turn(self):
        """The right to use the kernel; whatever goes wrong ends in a working board.

        Raises
        ------
        DeviceTimeout, DeviceError
            A command failed; the kernel was reset, the next call works.
        DeviceFailed
            The board could not be brought back.
        """
        with self._holder.turn():
            if self.failed:
                raise self.failed.with_traceback(None)
            with self._guarded():
                if self._holder.board is not self:
                    self._take_over()
                elif self.commands.unfinished:
                    self.recover()
                yield

    def settle(self):
        """Fetch the output of the job that is in flight; if that fails, it is the job's failure."""
        job = self.in_flight
        if job is None:
            return
        try:
            job.take()
        except (DeviceError, OSError, RuntimeError) as error:
            job.lose(error)
            self.recover()

    def evict(self):
        """Bring the resident state to safety before it is overwritten."""
        resident, self.resident = self.resident, None
        if resident is None:
            return
        try:
            resident.save()
        except BaseException:
            resident.lose()
            raise

    def recover(self):
        """Reset the kernel; if it is still busy then, load the overlay again.

        Raises
        ------
        DeviceFailed
            Neither helped.
        """
        try:
            try:
                self._reset()
            except Exception:  # whatever it is, a fresh overlay is the second attempt
                self._start_afresh()
        except BaseException as error:
            self.failed = DeviceFailed(
                "device",
                self.device.name,
                f"neither a reset nor loading the overlay again helped ({error})",
                "close the session and open another; see `pynq-lstm doctor`",
            )
            raise self.failed from error

    def leave(self):
        """Bring to safety what another overlay would overwrite."""
        self.settle()
        self.evict()
        self._forget()

    def _take_over(self):
        other, self._holder.board = self._holder.board, None
        if other is not None and not other.failed:
            other.leave()
        if self.overlay is None:
            self.overlay = LstmOverlay(self.files, self.device, self._access)
            self.registers = self.overlay.kernel.registers
            self.commands = Commands(self.registers, self.clock)
            self.counter = CycleCounter(self.overlay.counter())
            self._forget()
            self._identify()
        else:
            self._start_afresh()
        self_test.echo(self)
        self._holder.board = self

    def _start_afresh(self):
        self.overlay.download()
        self._reset()

    def _reset(self):
        self._forget()
        ResetLine(self.device, RESET_GPIO).pulse(self.clock)
        if not self.registers.idle():
            raise DeviceError("CTRL", "busy", "the kernel is busy after a reset", "load again")
        self._identify()

    def _forget(self):
        self.registers.forget()
        self.commands.unfinished = False
        for lost in (self.resident, self.in_flight):
            if lost is not None:
                lost.lose()
        self.loaded = self.resident = self.in_flight = None
        self.runs = 0

    def _identify(self):
        self.commands.run(Command.IDENTIFY, 0.0)
        checks.check_identity(self.files.design, self.registers.read)

    @contextmanager
    def _guarded(self):
        try:
            yield
        except (DeviceFailed, BufferMemoryError):
            raise
        except DeviceError:
            self._recover_if_there()
            raise
        except (OSError, RuntimeError) as error:  # an access or a buffer
            self._recover_if_there()
            raise DeviceError(
                "device",
                f"{type(error).__name__}: {error}",
                "an access failed",
                "the kernel was reset; repeat the call",
            ) from error

    def _recover_if_there(self):
        if self._holder.board is self:  # else it was being opened, and nothing has begun
            self.recover()
