"""Memories and FIFOs of the units of ``hls_src/svd_lstm``; see `kernel_memories`.

Storage is chosen so that block RAM and UltraRAM both stay below 80 %: the input part's long
lists are in UltraRAM, which is 4,096 deep, the hidden part's in block RAM; what many lanes
copy, and FIFOs up to 128 words, in LUTs. A FIFO of 2,048 bits would take 28.5 block RAMs
at any depth up to 512.
"""

from pynq_lstm.accelerator.design_common import GATES
from pynq_lstm.accelerator.memories import Memory, automatic

CALL_DEPTH = 4  # waves.h
INT, FLAG = 32, 8  # bits of fields of call tokens
S_BITS, SUM_BITS = 16, 32


def arrays(design):
    """The static arrays of both parts."""
    return [*_part_arrays(design, "input", "uram"), *_part_arrays(design, "hidden", "bram")]


def _part_arrays(design, side, words):
    part, tiles, lstms = getattr(design, side), design.x_tiles(side), design.lanes
    lanes = GATES * part.v_lanes
    word = 8 * design.u_tile + 2 * 8  # codes, slot, tile
    p_bits = lstms * design.p_bits
    x_bits = lstms * design.u_tile * design.activation_bits
    return [
        Memory(f"{side}_u.words", word, part.u_words, words, part.u_lanes),
        automatic(f"{side}_u.takes", 1, part.u_words),
        Memory(f"{side}_u.x", x_bits, tiles, "lutram", part.u_lanes),
        Memory(f"{side}_s.scalars", (lstms + 1) * S_BITS, part.s_words, words, part.u_lanes),
        Memory(f"{side}_v.words", 8 * design.v_tile + 8, part.v_words, words, lanes),
        automatic(f"{side}_v.lasts", 1, part.v_words),
        Memory(f"{side}_v.p", p_bits, design.max_slots, "lutram", lanes * part.u_lanes),
    ]


def fifos(design):
    """The streams to, from and between the units."""
    x_tile = design.lanes * design.u_tile * design.activation_bits
    return [
        Memory("h", x_tile, design.max_h_tiles, "lutram"),
        *_part_fifos(design, "input"),
        *_part_fifos(design, "hidden"),
        Memory("h_tiles_calls", FLAG + INT, CALL_DEPTH, "lutram"),
    ]


def _part_fifos(design, side):
    lanes, lstms = getattr(design, side).u_lanes, design.lanes
    return [
        Memory(f"{side}_dots", lanes * lstms * SUM_BITS, design.max_slots, "lutram"),
        Memory(f"{side}_ps", lanes * lstms * design.p_bits, design.max_slots, "lutram"),
        Memory(f"{side}_u_calls", FLAG + 3 * INT, CALL_DEPTH, "lutram"),
        Memory(f"{side}_s_calls", 3 * FLAG + 7 * INT, CALL_DEPTH, "lutram"),
        Memory(f"{side}_v_calls", FLAG + 3 * INT, CALL_DEPTH, "lutram"),
    ]
