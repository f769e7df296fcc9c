"""Memory of the emulated board: what the kernel sees, what the CPU sees, and who holds which part.

The CPU's caches are modelled by a view of its own for each buffer, copied by flush and
invalidate only: what was not flushed the kernel does not see, and the other way round.
"""

import bisect
from collections import deque

import numpy as np
from pynq.buffer import PynqBuffer

from pynq_lstm.errors import DeviceError

PAGE = 4096  # bytes


class Allocator:
    """Hands out pages, the first gap that is large enough; gaps that touch become one.

    Parameters
    ----------
    size : int
        Bytes, a multiple of `PAGE`.
    """

    def __init__(self, size):
        self._starts, self._ends = [0], [size]  # of the gaps, ascending

    def take(self, size):
        """Start of a piece of `size` bytes, a multiple of `PAGE`; None: no gap is large enough."""
        for place, (start, end) in enumerate(zip(self._starts, self._ends)):
            if end - start >= size:
                if end - start == size:
                    del self._starts[place], self._ends[place]
                else:
                    self._starts[place] += size
                return start
        return None

    def give(self, start, size):
        """Take a piece back."""
        place, end = bisect.bisect(self._starts, start), start + size
        if place < len(self._starts) and self._starts[place] == end:
            end = self._ends[place]
            del self._starts[place], self._ends[place]
        if place and self._ends[place - 1] == start:
            self._ends[place - 1] = end
        else:
            self._starts.insert(place, start)
            self._ends.insert(place, end)

    @property
    def gaps(self):
        """(start, end) of each gap, ascending."""
        return list(zip(self._starts, self._ends))


class Memory:
    """Contiguous memory with its buffers.

    Parameters
    ----------
    base : int
        Address of the first byte.
    size : int
        Bytes, rounded up to whole pages.
    """

    def __init__(self, base, size):
        size = _whole(size)
        self.base, self.size = base, size
        self._bytes = np.zeros(size, np.uint8)
        self._allocator = Allocator(size)
        self._live = {}  # bytes asked for, by offset
        self._dropped = deque()  # buffers that were collected, maybe amid a call of this class

    @property
    def live(self):
        """How many buffers there are."""
        self._collect()
        return len(self._live)

    def view(self, address, size):
        """What the kernel sees: uint8, (size,); None where that is not inside one buffer."""
        self._collect()
        start = address - self.base
        for offset, length in self._live.items():
            if offset <= start and start + size <= offset + length:
                return self._bytes[start : start + size]
        return None

    def allocate(self, device, shape, dtype, cacheable):
        """A buffer; see `pynq.allocate`.

        Raises
        ------
        DeviceError
            There is no gap that is large enough.
        """
        self._collect()
        dtype = np.dtype(dtype)
        length = int(np.prod(shape)) * dtype.itemsize
        offset = self._allocator.take(_whole(max(length, 1)))
        if offset is None:
            raise DeviceError(
                "memory",
                f"{length} bytes",
                "not that much contiguous memory is left",
                "free buffers, or give the emulator more memory_bytes",
            )
        seen = self._bytes[offset : offset + length]
        self._live[offset] = length
        buffer = EmulatedBuffer(
            shape,
            dtype,
            buffer=seen.copy() if cacheable else seen,
            device=device,
            device_address=self.base + offset,
            bo=offset,
            coherent=False,
        )
        buffer.owner = device
        return buffer

    def release(self, offset):
        """Give the memory of a buffer back."""
        self._collect()
        self._give(offset)

    def drop(self, offset):
        """The same for a buffer that is collected: done by the next call, whatever runs now."""
        self._dropped.append(offset)

    def copy(self, buffer_offset, offset, cpu, flush):
        """Copy between a buffer and `cpu`, (bytes,), what the CPU sees of it from `offset` on."""
        start = buffer_offset + offset
        seen = self._bytes[start : start + len(cpu)]
        if flush:
            seen[:] = cpu
        else:
            cpu[:] = seen

    def _collect(self):
        for _ in range(len(self._dropped)):
            self._give(self._dropped.popleft())

    def _give(self, offset):
        self._allocator.give(offset, _whole(max(self._live.pop(offset), 1)))


class EmulatedBuffer(PynqBuffer):
    """A buffer that gives its memory back to the emulated device; views of it do not."""

    def __array_finalize__(self, obj):
        super().__array_finalize__(obj)
        self.owner = None

    def freebuffer(self):
        """Give the memory back; a second call does nothing, one that failed may be repeated."""
        if self.owner is not None:
            self.owner.release(self.bo)
            self.owner = None

    def __del__(self):
        if self.owner is not None:
            self.owner.drop(self.bo)
            self.owner = None


def _whole(size):
    return -(-size // PAGE) * PAGE
