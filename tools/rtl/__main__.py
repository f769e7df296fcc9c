"""Print what yosys makes of every leaf block."""

import sys
import tempfile
from pathlib import Path

from rtl import blocks
from rtl.yosys import map_blocks

BLOCKS = {
    "packed_sum": blocks.packed_sum(),
    "umac": blocks.umac(),
    "vmac, 2 lanes": blocks.vmac(),
    "vmac, 16 lanes": blocks.vmac(16),
    "smul": blocks.smul(),
    "sigmoid": blocks.pwl("sigmoid"),
    "tanh": blocks.pwl("tanh"),
    "cell_update": blocks.cell_update(),
    "sigma_unit": blocks.sigma_unit(),
    "p_copy": blocks.p_copy(),
    "4096 x 144": blocks.word_memory(),
    "1024 x 144": blocks.word_memory(144, 1024, "bram"),
    "256 x 2048": blocks.word_memory(2048, 256, "bram"),
    "64 x 256": blocks.word_memory(256, 64, "lutram"),
}


def main():
    """The table, labelled for what it is."""
    print("hand RTL, yosys synth_xilinx -family xcup -nowidelut; not what Vitis HLS makes")
    print(f"{'block':16} {'DSP48E2':>8} {'LUT':>6} {'FF':>6} {'BRAM36':>7} {'URAM':>5}")
    with tempfile.TemporaryDirectory() as folder:
        mapped = map_blocks(list(BLOCKS.values()), Path(folder))
    for name, cells in zip(BLOCKS, mapped):
        row = f"{cells.dsp:8} {cells.luts:6} {cells.registers:6} "
        print(f"{name:16} {row}{cells.bram36 + cells.bram18 / 2:7} {cells.uram:5}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
