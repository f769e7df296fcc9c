"""The cycle counter beside the kernel (overlays/common/cycle_counter.v)."""

from pynq_lstm.accelerator.registers import COUNTER_ID

ID, STATUS, LOW, HIGH = 0x0, 0x4, 0x8, 0xC  # a module of the block design: its .hwh lists none
VALID = 0x2


class CycleCounter:
    """Cycles from ap_start to the interrupt of ap_done.

    Parameters
    ----------
    mmio : object
        ``read(offset)``; None where the design has no counter.
    """

    def __init__(self, mmio):
        there = mmio is not None and mmio.read(ID) == COUNTER_ID
        self._mmio = mmio if there else None

    def cycles(self):
        """Of the last run; None if there was none with the interrupt enabled."""
        if self._mmio is None or not self._mmio.read(STATUS) & VALID:
            return None
        return self._mmio.read(LOW) | self._mmio.read(HIGH) << 32
