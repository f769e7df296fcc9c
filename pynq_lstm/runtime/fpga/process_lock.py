"""One process at a time on a device: a lock that the system gives back when its holder dies."""

import fcntl
import os
import tempfile
import threading
from pathlib import Path

from pynq_lstm.errors import DeviceBusy, DeviceError

_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW
_held = {}  # path: [descriptor, how often this process has acquired it]
_guard = threading.RLock()  # held for a few system calls that do not wait


class ProcessLock:
    """A lock between processes; within one process it may be acquired again, and is counted.

    Parameters
    ----------
    name : str
        What is locked; the stem of a file's name.
    folder : path-like, optional
        Where the lock's file is: /run/lock by default, or the folder of temporary files.
    """

    def __init__(self, name, folder=None):
        self.path = Path(folder or _folder(), f"{name}.lock")
        self._acquired = 0

    def acquire(self):
        """Take the lock, at once or not at all; returns this object.

        Raises
        ------
        DeviceBusy
            Another process has it.
        DeviceError
            The lock's file cannot be made.
        """
        with _guard:
            if self.path in _held:
                _held[self.path][1] += 1
            else:
                _held[self.path] = [_lock(self.path), 1]
            self._acquired += 1
        return self

    def release(self):
        """Give back one `acquire` of this object; does nothing when all are given back."""
        with _guard:
            if not self._acquired:
                return
            self._acquired -= 1
            held = _held.get(self.path)
            if held is None:  # acquired before a fork, by the parent
                return
            held[1] -= 1
            if not held[1]:
                os.close(_held.pop(self.path)[0])

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()


def _folder():
    return "/run/lock" if os.access("/run/lock", os.W_OK) else tempfile.gettempdir()


def _lock(path):
    """Open and lock the file, which stays when it is unlocked; returns its descriptor."""
    try:
        descriptor, writable = _open(path)
    except OSError as error:
        raise DeviceError(
            "lock", str(path), f"cannot be opened: {error.strerror}", "make its folder writable"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if writable:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    except BaseException as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            raise
        raise DeviceBusy(
            "device",
            path.stem,
            f"another process uses it: pid {holder or 'unknown'}",
            "close the session there, or end that process",
        ) from None
    return descriptor


def _open(path):
    """Descriptor of the file, and whether it may be written: another user's may only be read.

    The file is made in a step of its own: Linux refuses O_CREAT on another user's file in a
    folder that everybody writes to.
    """
    for flags, writable in (
        (os.O_RDWR, True),
        (os.O_RDONLY, False),
        (os.O_RDWR | os.O_CREAT | os.O_EXCL, True),
        (os.O_RDWR, True),  # made by another process since
    ):
        try:
            return os.open(path, flags | _OPEN, 0o644), writable
        except (FileNotFoundError, FileExistsError, PermissionError) as error:
            last = error
    raise last


def _forget_after_fork():
    """A child has no part in its parent's locks, and must not keep them alive."""
    global _guard
    _guard = threading.RLock()
    for descriptor, _ in _held.values():
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_after_fork)
