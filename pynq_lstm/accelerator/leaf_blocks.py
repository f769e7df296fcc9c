"""What yosys counts in the RTL leaf blocks of ``tests/hls/rtl``: hand RTL, not Vitis HLS.

yosys 0.23, synth_xilinx -family xcup -nowidelut; ``PYTHONPATH=tools python -m rtl`` prints
the figures again and ``tests/hls/test_rtl_synthesis.py`` compares. DSPs are exact; LUTs and
flip-flops are evidence for a range only: yosys keeps adders and registers in the fabric
that Vivado moves into DSPs, and Vitis HLS adds control.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LeafBlock:
    """DSP48E2s, LUTs (those of LUTRAM included) and flip-flops of a block."""

    dsp: int
    lut: int
    ff: int


U_LANE = LeafBlock(16, 1337, 2086)  # 16 codes, 2 models, 16 slots
V_GATE_2 = LeafBlock(16, 514, 1809)  # a gate of 2 lanes, 8 units, 2 models
V_GATE_16 = LeafBlock(128, 4298, 8913)  # a gate of 16 lanes
S_MULTIPLIER = LeafBlock(1, 195, 151)
SIGMA_UNIT = LeafBlock(8, 1495, 836)  # one unit of one model
P_COPY = LeafBlock(0, 318, 20)  # the p that a lane of V holds: 13 banks of 16 x 20 bits
P_COPY_MEMORY_LUTS = 208
# Of the block-diagonal engine; a row is a gate output's sum over the columns of a word.
ROW_COLUMNS = 25
ROW_4 = LeafBlock(0, 1231, 317)  # weights of 4 bits, operands of 8, in LUTs
ROW_8 = LeafBlock(0, 2884, 421)
PACKED_ROW = LeafBlock(25, 1237, 1500)  # two gate outputs, a DSP a column
MULTIPLIER_8_17 = LeafBlock(0, 197, 50)
MULTIPLIER_16_17 = LeafBlock(0, 500, 66)
MULTIPLIER_16 = LeafBlock(0, 474, 64)

# Of the figures above: Vivado may halve LUTs (ternary adders, sums inside the DSPs), Vitis
# HLS may add half (enables, wider operators); registers of DSP inputs and products, which
# yosys leaves in the fabric, may go, and pipeline stages may come.
LUT_FACTORS = (0.5, 1.5)
FF_FACTORS = (0.4, 1.5)
