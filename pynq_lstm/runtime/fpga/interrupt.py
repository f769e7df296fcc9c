"""The kernel's interrupt, awaited.

It goes straight to the processor, and pynq's parser lists only interrupts behind an AXI interrupt
controller. So the UIO node is opened here, the one that PYNQ's images have.
"""

import asyncio
import os

from pynq_lstm.accelerator.registers import INTERRUPT_LINE

_ENABLE = (1).to_bytes(4, "little")


def find_interrupt(device):
    """The interrupt of a device.

    Parameters
    ----------
    device : pynq Device

    Returns
    -------
    UioInterrupt, LineInterrupt or None
        None: it does not reach this process.
    """
    line = getattr(device, "interrupt_line", None)
    if line is not None:
        return LineInterrupt(line)
    if device.has_capability("REMOTE"):
        return None
    from pynq.interrupt import get_uio_irq

    try:
        path = get_uio_irq(INTERRUPT_LINE)
        return None if path is None else UioInterrupt(open(path, "r+b", buffering=0))
    except OSError:  # no /proc/interrupts or /sys/class/uio like those of a board, or not root
        return None


class UioInterrupt:
    """An interrupt that Linux shows as a UIO device.

    Parameters
    ----------
    file : file
        Unbuffered, binary, for reading and writing: writing 1 unmasks, a read tells that it came.
    """

    def __init__(self, file):
        self._file = file

    async def wait(self, seconds):
        """Wait for the interrupt; returns whether it came in time."""
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        self._file.write(_ENABLE)
        loop.add_reader(self._file, lambda: arrived.done() or arrived.set_result(None))
        try:
            await asyncio.wait_for(arrived, seconds)
        except asyncio.TimeoutError:
            return False
        finally:
            loop.remove_reader(self._file)
        os.read(self._file.fileno(), 4)  # the number of interrupts so far
        return True

    def close(self):
        """Give the device back."""
        self._file.close()


class LineInterrupt:
    """An interrupt that events can be added to, as those of the emulator and of pynq.

    Parameters
    ----------
    line : object
        ``add_event(event, number)``.
    """

    def __init__(self, line):
        self._line = line

    async def wait(self, seconds):
        """Wait for the interrupt; returns whether it came in time."""
        event = asyncio.Event()
        self._line.add_event(event, 0)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    def close(self):
        """Nothing is held; for the interface's sake."""
