"""Contiguous memory that CPU and kernel share, seen as beats of 16 bytes."""

import contextlib
import ctypes
import os
import weakref

import numpy as np
import pynq

from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.harmless import BufferMemoryError

SMALLEST = 8192  # bytes; below, some releases of XRT give addresses that are out of reach
_areas = weakref.WeakSet()


class Area:
    """A buffer of its own: pynq flushes and invalidates whole buffers only.

    Parameters
    ----------
    device : pynq Device
    size : int
        Bytes, rounded up to 8 KiB times a power of two.

    Raises
    ------
    BufferMemoryError
    """

    def __init__(self, device, size):
        rounded = SMALLEST
        while rounded < size:
            rounded *= 2
        try:
            self._buffer = pynq.allocate((rounded,), np.uint8, target=device, cacheable=1)
        except (RuntimeError, MemoryError, OSError) as error:
            raise BufferMemoryError(
                "buffer",
                f"{rounded} bytes",
                f"could not be allocated ({error})",
                "close other sessions, run smaller batches, or give Linux a larger cma=",
            ) from error
        self._beats = self._buffer.view(np.ndarray).reshape(-1, BEAT)
        self.address = int(self._buffer.device_address)
        self.epoch = None  # of the board, when it was last cleared
        self._pid = os.getpid()
        _areas.add(self)

    @property
    def beats(self):
        """ndarray, (beats, 16), uint8: what the CPU sees."""
        return self._beats

    def fits(self, beats):
        """Whether there is room for so many beats."""
        return beats <= len(self._beats)

    def put(self, beats):
        """Copy (n, 16) uint8 to the start; the kernel sees it after `flush`."""
        self._beats[: len(beats)] = beats

    def clear(self):
        """Zeros, in the cache and in memory."""
        self._beats[:] = 0
        self.flush()

    def flush(self):
        """What the CPU wrote goes to memory."""
        self._buffer.flush()

    def invalidate(self):
        """What the kernel wrote is seen by the CPU."""
        self._buffer.invalidate()

    def free(self):
        """Give the memory back; a second call does nothing, nor does one after a fork.

        Raises
        ------
        DeviceError
            It could not be given back at the first attempt.
        """
        buffer, self._buffer, self._beats = self._buffer, None, None
        if buffer is None or self._pid != os.getpid():
            return
        try:
            buffer.freebuffer()
        except Exception as error:
            with contextlib.suppress(Exception):
                buffer.freebuffer()
            raise DeviceError(
                "buffer",
                f"{type(error).__name__}: {error}",
                "could not be given back at once",
                "restart Python if memory for buffers runs short",
            ) from error

    def leak(self):
        """Never give the memory back: in a child process it is the parent's."""
        if self._buffer is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._buffer))


def free_all(areas):
    """Free every one of them, whatever happens on the way; the first error is raised in the end."""
    with contextlib.ExitStack() as stack:
        for area in areas:
            if area is not None:
                stack.callback(area.free)


def _leave_to_parent():
    for area in list(_areas):
        area.leak()


os.register_at_fork(after_in_child=_leave_to_parent)
