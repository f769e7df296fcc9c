"""The boards that this process has open: one overlay at a time on a device."""

import os
import threading
from contextlib import contextmanager

import pynq

from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.board import Board
from pynq_lstm.runtime.fpga.process_lock import ProcessLock

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
        self.device, self.board, self.sessions = device, None, {}
        self._turn = threading.RLock()
        self.process_lock = ProcessLock(_lock_name(device))

    @contextmanager
    def turn(self):
        """One thread at a time."""
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
    device = device or _active()
    with _lock:
        holder = _holders.get(id(device))
        if holder is None:
            holder = Holder(device)
            holder.process_lock.acquire()
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
            holder.process_lock.release()


def _active():
    try:
        return pynq.Device.active_device
    except RuntimeError as error:
        raise DeviceError(
            "device",
            None,
            f"pynq finds none ({error})",
            'run on a board, as root, or use backend="emulator"',
        ) from error


def _lock_name(device):
    name = getattr(device, "lock_name", None)
    if name is None:  # every process has emulators of its own
        name = f"emulator-{os.getpid()}" if getattr(device, "modelled", False) else device.name
    return f"pynq_lstm-{name}"
