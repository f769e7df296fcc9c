"""The address map: which model answers at an address, and what nothing answers to."""

import bisect
import struct

from pynq_lstm.errors import DeviceError

WORD = struct.Struct("<I")


class BusError(DeviceError):
    """An access that nothing answers; it takes a board's processor down."""

    def __init__(self, field, value, problem):
        super().__init__(
            field, value, problem, "load the overlay first, and take addresses from its .hwh"
        )


class PlainRegisters:
    """Words that keep what is written to them; 0 before."""

    def __init__(self):
        self._words = {}

    def read(self, offset):
        """The word at a byte offset."""
        return self._words.get(offset, 0)

    def write(self, offset, value):
        """Keep a word, 0 to 2^32 - 1."""
        self._words[offset] = value


class Bus:
    """Models of peripherals by address; each has ``read(offset)`` and ``write(offset, value)``."""

    def __init__(self):
        self._bases, self._blocks = [], []

    def attach(self, base, size, model):
        """Let a model answer at `base` to ``base + size - 1``."""
        place = bisect.bisect(self._bases, base)
        self._bases.insert(place, base)
        self._blocks.insert(place, (base, base + size, model))

    def detach(self, base):
        """Take away what answers at a base; nothing happens if nothing does."""
        if base in self._bases:
            place = self._bases.index(base)
            del self._bases[place], self._blocks[place]

    def read(self, address, length):
        """Bytes of whole words.

        Raises
        ------
        BusError
            Nothing answers, or the address is not that of a word.
        """
        return b"".join(
            WORD.pack(model.read(offset) & 0xFFFF_FFFF)
            for model, offset in self._words(address, length)
        )

    def write(self, address, data):
        """Write whole words; see `read`."""
        for (model, offset), (value,) in zip(
            self._words(address, len(data)), WORD.iter_unpack(data)
        ):
            model.write(offset, value)

    def _words(self, address, length):
        if address % 4 or length % 4:
            raise BusError("address", f"{address:#x}, {length} bytes", "not whole words")
        return [self._find(word) for word in range(address, address + length, 4)]

    def _find(self, address):
        place = bisect.bisect_right(self._bases, address) - 1
        if place >= 0:
            base, end, model = self._blocks[place]
            if address < end:
                return model, address - base
        raise BusError("address", f"{address:#x}", "bus error: nothing answers there")
