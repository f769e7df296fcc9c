"""Three ways to a kernel's registers: pynq's mmio, a view of the mapped memory, a loop in C.

All three read and write aligned words of 32 bits. The last two need registers that are mapped into
this process, as they are on a board; pynq's mmio goes through an emulated or a remote device too.
"""

import importlib

from pynq_lstm.errors import DeviceError

LONGEST_SPIN = 60.0  # seconds: a spin ends, whatever it is asked for
_WAYS = ("c", "memoryview", "mmio")  # fastest first


def open_access(mmio, device, way=None):
    """Choose how registers are read and written.

    Parameters
    ----------
    mmio : pynq.MMIO
        Of the register space, mapped from its first word.
    device : pynq.Device
        The device of `mmio`.
    way : str, optional
        "c", "memoryview" or "mmio"; the first of these that is available by default.

    Returns
    -------
    MmioAccess, ViewAccess or CAccess

    Raises
    ------
    DeviceError
        An unknown way, or one that is not available here.
    """
    if way is not None and way not in _WAYS:
        raise DeviceError("access", way, "unknown", f"choose from {', '.join(_WAYS)}, or None")
    mapped = device.has_capability("MEMORY_MAPPED")
    if way == "mmio" or (way is None and not mapped):
        return MmioAccess(mmio)
    if not mapped:
        raise DeviceError(
            "access", way, "registers of this device are not mapped into memory", "use 'mmio'"
        )
    if way != "memoryview":
        extension = _extension()
        if extension is not None:
            return CAccess(mmio, extension)
        if way == "c":
            raise DeviceError(
                "access",
                way,
                "its C extension is not built",
                "run: python pynq_lstm/runtime/fpga/access_build.py, or use 'memoryview'",
            )
    return ViewAccess(mmio)


def _extension():
    try:
        return importlib.import_module("pynq_lstm.runtime.fpga._access")
    except ImportError:
        return None


class MmioAccess:
    """Registers through ``read`` and ``write`` of pynq's MMIO: works on every device."""

    name = "mmio"

    def __init__(self, mmio):
        self.read = mmio.read
        self._write = mmio.write

    def write(self, offset, value):
        """Write a word at a byte offset."""
        self._write(offset, int(value))  # pynq refuses subclasses of int, such as an IntEnum

    def start_and_spin(self, offset, value, mask, seconds, clock):
        """Write a word, then read it until it has a bit of a mask.

        Parameters
        ----------
        offset : int
            Bytes from the start of the register space.
        value : int
            What is written, once.
        mask : int
            Bits of which one ends the spin.
        seconds : float
            When the spin ends without: at least one read is done, and none after `LONGEST_SPIN`.
        clock : object
            ``now()`` gives seconds; asked once a read. `CAccess` takes CLOCK_MONOTONIC instead.

        Returns
        -------
        int
            What was read last. Reads may clear bits of the device, so no earlier one may be needed.
        """
        deadline = clock.now() + _bounded(seconds)
        self.write(offset, value)
        while True:
            found = self.read(offset)
            if found & mask or clock.now() >= deadline:
                return found


class ViewAccess(MmioAccess):
    """Registers through a memoryview of the mapping."""

    name = "memoryview"

    def __init__(self, mmio):
        self._words = memoryview(mmio.array).cast("B").cast("I")

    def read(self, offset):
        """Read the word at a byte offset."""
        return self._words[_index(offset, self._words)]

    def write(self, offset, value):
        """Write a word at a byte offset."""
        self._words[_index(offset, self._words)] = value


class CAccess:
    """Registers through the C extension, which spins without the interpreter's lock.

    A signal is handled after the spin, so spins are meant to be short.
    """

    name = "c"

    def __init__(self, mmio, extension):
        self._lib = extension.lib
        self._words = extension.ffi.from_buffer("uint32_t[]", mmio.array, require_writable=True)

    def read(self, offset):
        """Read the word at a byte offset."""
        return self._lib.access_read(self._words, _index(offset, self._words))

    def write(self, offset, value):
        """Write a word at a byte offset."""
        self._lib.access_write(self._words, _index(offset, self._words), value)

    def start_and_spin(self, offset, value, mask, seconds, clock):
        """As `MmioAccess.start_and_spin`, with CLOCK_MONOTONIC for a clock."""
        return self._lib.access_start_and_spin(
            self._words,
            _index(offset, self._words),
            value,
            mask,
            int(_bounded(seconds) * 1e9),
        )


def _bounded(seconds):
    return min(max(0.0, seconds), LONGEST_SPIN)  # in this order not-a-number is no time at all


def _index(offset, words):
    if offset & 3 or not 0 <= offset < 4 * len(words):
        raise DeviceError(
            "offset", offset, "not that of a word in the register space", "take it from the hwh"
        )
    return offset >> 2
