"""The boards that this process has open: one overlay at a time on a device."""

import atexit
import os
import threading
from contextlib import contextmanager, suppress

import pynq

from pynq_lstm.errors import DeviceBusy, DeviceError
from pynq_lstm.runtime.fpga.board import Board
from pynq_lstm.runtime.fpga.process_lock import ProcessLock
from pynq_lstm.runtime.fpga.remote_calls import bound_calls

TURN_SECONDS = 600  # that a call waits for those of other threads; each of them has its deadline
_holders = {}  # by id of a device
_lock = threading.Lock()


class Holder:
    """A device that this process holds against others.

    Parameters
    ----------
    device : pynq Device

    Attributes
    ----------
    board : Board or None
        Whose overlay is loaded.
    sessions : dict of (path, access) to (Board, int)
        Boards, and how many sessions use each.
    """

    def __init__(self, device):
        bound_calls(device)
        self.device, self.board, self.sessions = device, None, {}
        self._turn, self._pid = threading.RLock(), os.getpid()
        self._process_lock = _process_lock(device)

    def acquire(self):
        """Take the device for this process.

        Raises
        ------
        DeviceBusy
        """
        if self._process_lock is not None:
            self._process_lock.acquire()

    def release(self):
        """Let other processes have it."""
        if self._process_lock is not None:
            self._process_lock.release()

    def is_foreign(self):
        """Whether the device was opened before a fork: it is the parent's."""
        return self._pid != os.getpid()

    @contextmanager
    def turn(self):
        """One thread at a time.

        Raises
        ------
        DeviceBusy
            The device is the parent's.
        """
        if self.is_foreign():
            raise DeviceBusy(
                "device",
                self.device.name,
                f"opened by the parent process, {self._pid}",
                "open sessions in the process that uses them",
            )
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise DeviceError(
                "device",
                self.device.name,
                f"in use for {TURN_SECONDS} s",
                "look for a stuck thread",
            )
        try:
            yield
        finally:
            self._turn.release()


def open_board(files, device=None, access=None):
    """A board with an overlay loaded, found to be the right one and self-tested.

    Sessions of one overlay share it; those of another one load theirs when it is their turn.

    Parameters
    ----------
    files : OverlayFiles
    device : pynq Device, optional
        Default: pynq's active device.
    access : str, optional

    Returns
    -------
    Board
        Give it back with `close_board`.

    Raises
    ------
    DeviceBusy
        Another process has the device.
    OverlayError
        What is loaded is not what was expected.
    DeviceError
        No device, or loading or the self-test failed.
    """
    device = device or active_device()
    with _lock:
        holder = _holders.get(id(device))
        if holder is None:
            holder = Holder(device)
            holder.acquire()
            _holders[id(device)] = holder
        key = files.bit, access
        board, sessions = holder.sessions.get(key, (None, 0))
        if board is None or board.failed:  # sessions of a board that failed know by themselves
            board, sessions = Board(files, holder, access), 0
        holder.sessions[key] = board, sessions + 1
    try:
        with board.turn():
            return board
    except BaseException:
        close_board(board)
        raise


def close_board(board):
    """Give a board back; the last session on a device lets other processes have it."""
    with _lock:
        holder = _holders.get(id(board.device))
        if holder is None:
            return
        for key, (there, sessions) in list(holder.sessions.items()):
            if there is board:
                holder.sessions[key] = board, sessions - 1
                if sessions == 1:
                    del holder.sessions[key]
        if not holder.sessions:
            del _holders[id(board.device)]
            holder.release()


def active_device():
    """pynq's active device.

    Raises
    ------
    DeviceError
        There is none.
    """
    try:
        return pynq.Device.active_device
    except RuntimeError as error:
        raise DeviceError(
            "device",
            None,
            f"pynq gives none ({error})",
            "on a board: be root, in pynq's environment, and open the first session in the main"
            ' thread; elsewhere use backend="emulator"',
        ) from error


def _process_lock(device):
    """None for an emulated board, which no other process can reach, unless it has a `lock_name`."""
    name = getattr(device, "lock_name", None)
    if name is None and getattr(device, "modelled", False):
        return None
    if name is None and device.has_capability("REMOTE"):
        name = f"{device.name}-{device.ip_addr}"
    return ProcessLock(f"pynq_lstm-{name or device.name}")


def _settle_all():
    """At exit: memory goes back to Linux, so no kernel may be writing to it."""
    for holder in list(_holders.values()):
        if holder.board is not None:
            with suppress(DeviceError):
                holder.board.dismiss(None)


def _forget_after_fork():
    """A child opens boards of its own, if the parent lets it."""
    global _lock
    _lock = threading.Lock()
    _holders.clear()


atexit.register(_settle_all)
os.register_at_fork(after_in_child=_forget_after_fork)
