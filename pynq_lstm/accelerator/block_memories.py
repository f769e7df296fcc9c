"""Memories and FIFOs of the parts of ``hls_src/block_diagonal_lstm``; see `kernel_memories`.

The input part's words are in UltraRAM, the hidden part's in block RAM, in slices whose widths
fill them: five columns of 24 codes of 4 bits are 480 bits, seven of 72.
"""

from pynq_lstm.accelerator.design_common import GATES
from pynq_lstm.accelerator.memories import Memory

CALL_DEPTH = 4  # waves.h
INT, FLAG = 32, 8  # bits of fields of call tokens
M_BITS, BANK_BITS, ROW_BITS = 16, 8, 8


def arrays(design):
    """The static arrays of both parts."""
    return [*_part_arrays(design, "input", "uram"), *_part_arrays(design, "hidden", "bram")]


def _part_arrays(design, side, words):
    part = getattr(design, side)
    slice_bits = design.columns // design.slices * GATES * design.v_tile * design.weight_bits
    columns = design.u_tile * (M_BITS + BANK_BITS + ROW_BITS)
    return [
        Memory(f"{side}_part.words", slice_bits, part.words, words, design.slices),
        Memory(f"{side}_part.columns", columns, part.tiles, "bram"),
        Memory(f"{side}_part.x", design.p_bits, part.rows, "lutram", design.columns),
    ]


def fifos(design):
    """The streams to the parts that no other engine has."""
    call = 2 * FLAG + 11 * INT
    return [Memory(f"{side}_calls", call, CALL_DEPTH, "lutram") for side in ("input", "hidden")]
