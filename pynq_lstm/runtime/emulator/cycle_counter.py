"""The cycle counter of the block design, as ``overlays/common/cycle_counter.v`` is.

It watches the kernel's register port for the start and the interrupt for the end, and counts the
modelled cycles between them; the one in hardware counts 2 or 3 more.
"""

from pynq_lstm.accelerator.registers import COUNTER_ID

_ID, _STATUS, _LOW, _HIGH = 0x0, 0x4, 0x8, 0xC
_RUNNING, _VALID = 1, 2


class CycleCounter:
    """Registers of the counter.

    Parameters
    ----------
    clock_mhz : float
    """

    def __init__(self, clock_mhz):
        self._hertz = clock_mhz * 1e6
        self._started, self._running, self._valid = 0.0, False, False
        self._runs = self._cycles = 0

    def start(self, moment):
        """ap_start was written at `moment`, in seconds."""
        self._started, self._running, self._valid = moment, True, False

    def end(self, moment):
        """The interrupt rose."""
        if self._running:
            self._running, self._valid = False, True
            self._runs = (self._runs + 1) & 0xFFFF
            self._cycles = round((moment - self._started) * self._hertz)

    def reset_kernel(self):
        """The kernel's reset is held: nothing is counted; the last count stays."""
        self._running = self._valid = False

    def read(self, offset):
        """The word at a byte offset."""
        status = self._runs << 16 | _VALID * self._valid | _RUNNING * self._running
        words = {_ID: COUNTER_ID, _STATUS: status}
        words.update({_LOW: self._cycles & 0xFFFF_FFFF, _HIGH: self._cycles >> 32})
        return words.get(offset, 0)

    def write(self, offset, value):
        """Answered, and without effect."""
