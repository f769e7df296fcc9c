"""Registers of the processor that pynq uses: the clocks of the programmable logic."""

from functools import cache

from pynq_lstm.runtime.emulator.bus import PlainRegisters

CLOCK_BASES = (0xFF5E_0000, 0xFD1A_0000)  # CRL_APB, CRF_APB
CLOCK_RANGE = 0x1000
PLL_MHZ = 3000  # 100, 150, 200, 250 and 300 MHz are whole parts of it; a board's PLLs are slower
_REFERENCE_MHZ = 100 / 3
_PLL_CONTROLS = (0x20, 0x2C, 0x30, 0x38)
_PL_CONTROLS = (0xC0, 0xC4, 0xC8, 0xCC)


def clock_registers():
    """A block of clock registers as a board's boot leaves them, with one frequency for all PLLs."""
    registers = PlainRegisters()
    for offset in _PLL_CONTROLS:
        registers.write(offset, round(PLL_MHZ / _REFERENCE_MHZ) << 8)  # FBDIV
    for offset in _PL_CONTROLS:
        registers.write(offset, 1 << 24 | 1 << 16 | 30 << 8)  # active, divided by 1 and by 30
    return registers


@cache
def divisors(mhz):
    """Two factors, 1 to 63 each, of the division that comes closest to a frequency."""
    pairs = ((a, b) for b in range(1, 64) for a in range(1, 64))
    return min(pairs, key=lambda pair: abs(PLL_MHZ / (pair[0] * pair[1]) - mhz))
