"""One overlay on a device: its kernel, and whose turn it is. The sessions of a process share it."""

from contextlib import contextmanager, suppress

from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.registers import RESET_GPIO
from pynq_lstm.errors import DeviceError, DeviceFailed
from pynq_lstm.runtime.fpga import checks, self_test
from pynq_lstm.runtime.fpga.commands import Commands
from pynq_lstm.runtime.fpga.counter import CycleCounter
from pynq_lstm.runtime.fpga.harmless import HarmlessError
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
    epoch : object
        Another one after each reset: the kernel numbers its runs anew.
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
        self.runs, self.epoch = 0, object()
        self.overlay = self.registers = self.commands = self.counter = None
        self._access, self._reset_line = access, None

    @contextmanager
    def turn(self):
        """The right to use the kernel; whatever goes wrong ends in a working board.

        Raises
        ------
        DeviceTimeout, DeviceError
            A command failed; the kernel was reset, the next call works.
        DeviceFailed
            The board could not be brought back.
        DeviceBusy
            The board was opened before a fork, by the parent.
        """
        with self.exclusive():
            if self.failed:
                raise self.failed.with_traceback(None)
            with self._guarded():
                if self._holder.board is self and not self.overlay.is_loaded():
                    self._forget()  # somebody loaded another overlay by pynq itself
                    self._holder.board = None
                if self._holder.board is not self:
                    self._take_over()
                elif self.commands.unfinished:
                    self.recover()
                yield

    def is_foreign(self):
        """Whether the board was opened before a fork: it is the parent's."""
        return self._holder.is_foreign()

    def exclusive(self):
        """The same for what needs no kernel: one thread at a time, whatever is loaded."""
        return self._holder.turn()

    def settle(self):
        """Fetch the output of the job that is in flight; if that fails, it is the job's failure."""
        job = self.in_flight
        if job is None:
            return
        try:
            job.take()
        except (OSError, RuntimeError) as error:
            job.lose(error if isinstance(error, DeviceError) else _access_failed(error))
            self.in_flight = None  # it knows; a reset has nothing to tell it
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

    def dismiss(self, session):
        """Have the kernel done with a session's memory, which is to be given back."""
        if self.is_foreign():
            return
        with self.exclusive():
            if self._holder.board is not self or self.failed or not self.overlay.is_loaded():
                return  # the kernel was reset, is held in reset, or is another one
            try:
                if self.commands.unfinished:
                    self.recover()
                self.settle()
            except BaseException:
                self.halt()
                raise
            if self.loaded is session:
                self.loaded = None
            if self.resident is not None and self.resident.backend is session:
                self.resident = None

    def halt(self):
        """Reset the kernel without a look at what comes of it: it touches no memory any more."""
        self._forget()
        self.commands.unfinished = True  # the next turn starts by recovering
        with suppress(Exception):
            if self._reset_line is not None:
                self._reset_line.pulse(self.clock)

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
        except Exception as error:
            self.failed = DeviceFailed(
                "device",
                self.device.name,
                f"neither a reset nor loading the overlay again helped ({error})",
                "close the session and open another; see `pynq-lstm doctor`",
            )
            with suppress(Exception):
                if self._reset_line is not None:
                    self._reset_line.hold()  # nothing may write into memory that is given back
            raise self.failed from error
        except BaseException:  # from the keyboard
            self.commands.unfinished = True
            raise

    def _take_over(self):
        other, self._holder.board = self._holder.board, None
        if other is not None and not other.failed:
            other._leave()
        if self.overlay is None:
            overlay = LstmOverlay(self.files, self.device, self._access)
            self.registers = overlay.kernel.registers
            self.commands = Commands(self.registers, self.clock)
            self.counter = CycleCounter(overlay.counter())
            self._reset_line = _reset_line(self.device)
            self.overlay = overlay  # the last one: from here on there is a board
            self._begin()
        else:
            self._start_afresh()
        self_test.echo(self)
        self._holder.board = self

    def _leave(self):
        """Bring to safety what another overlay overwrites; what cannot be saved says so itself."""
        try:
            self.settle()
            self.evict()
        except Exception:
            self.failed = None  # the other overlay is loaded anew in any case
        self._forget()

    def _start_afresh(self):
        self.overlay.reload()
        self._begin()

    def _begin(self):
        """The kernel of an overlay that was just loaded; its reset may still be held."""
        if self._reset_line is None:
            self._forget()
            self._identify()
        else:
            self._reset()

    def _reset(self):
        self._forget()
        if self._reset_line is None:
            raise DeviceError("reset line", None, "there is none", "load the overlay again")
        self._reset_line.pulse(self.clock)
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
        self.runs, self.epoch = 0, object()

    def _identify(self):
        self.commands.run(Command.IDENTIFY, 0.0)
        checks.check_identity(self.files.design, self.registers.read)

    @contextmanager
    def _guarded(self):
        try:
            yield
        except (DeviceFailed, HarmlessError):
            raise
        except DeviceError:
            self._recover_if_there()
            raise
        except (OSError, RuntimeError) as error:  # an access or a buffer
            self._recover_if_there()
            raise _access_failed(error) from error

    def _recover_if_there(self):
        """Recover, unless the overlay was being loaded: then nothing has begun."""
        if self._holder.board is self:
            self.recover()


def _access_failed(error):
    """Of a register or a buffer, as a user is told of it."""
    shown = f"{type(error).__name__}: {error}"
    return DeviceError(
        "device", shown, "an access failed", "repeat the call; see `pynq-lstm doctor` if it recurs"
    )


def _reset_line(device):
    """None where the wire cannot be reached: then only loading the overlay resets the kernel."""
    try:
        return ResetLine(device, RESET_GPIO)
    except DeviceError:
        return None
