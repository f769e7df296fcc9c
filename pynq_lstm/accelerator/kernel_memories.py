"""Every memory and FIFO of the kernel in ``hls_src/svd_lstm``, by its name there.

``tests/accelerator/test_kernel_memories.py`` holds this list and the sources together: names,
depths, and the implementation where a BIND_STORAGE pragma states one.

Storage is chosen so that block RAM and UltraRAM both stay below 80 %: the input part's long
lists are in UltraRAM, which is 4,096 deep, the hidden part's in block RAM; what many lanes
copy, and FIFOs up to 128 words, in LUTs. A FIFO of 2,048 bits would take 28.5 block RAMs
at any depth up to 512.
"""

from pynq_lstm.accelerator.design import BEAT, GATES, LANES
from pynq_lstm.accelerator.memories import Memory, automatic

BEAT_BITS = 8 * BEAT
INT, INDEX, FLAG = 32, 16, 8  # bits of fields of call tokens
S_BITS, CELL_BITS, SUM_BITS = 16, 16, 32
SECTIONS = 8  # of an image
MEMORY_DEPTH, CALL_DEPTH = 64, 4  # svd_lstm.cpp, waves.h


def arrays(design):
    """The static arrays, partitioned ones as copies.

    Parameters
    ----------
    design : Design

    Returns
    -------
    list of Memory
    """
    d = design
    states = d.max_pairs * d.max_h_tiles
    both = LANES * d.activation_bits
    return [
        *_part_arrays(d, "input", "uram"),
        *_part_arrays(d, "hidden", "bram"),
        Memory("sigma_unit.states", LANES * d.v_tile * (d.activation_bits + 16), states, "bram"),
        Memory("sigma_unit.biases", GATES * d.v_tile * LANES * SUM_BITS, states, "bram"),
        automatic("route.words", 1 + LANES * 5 * 8, d.max_route_words),
        # two reads: each lane takes any tile
        Memory(
            "route.held", both * d.u_tile, d.max_pairs * d.x_tiles("hidden"), "lutram", 1, LANES
        ),
        Memory("dispatch.programs", 2 * 7 * INDEX, d.max_programs, "lutram"),
    ]


def _part_arrays(design, side, words):
    part, tiles = getattr(design, side), design.x_tiles(side)
    lanes = GATES * part.v_lanes
    word = 8 * design.u_tile + 2 * 8  # codes, slot, tile
    p_bits = LANES * design.p_bits
    x_bits = LANES * design.u_tile * design.activation_bits
    return [
        Memory(f"{side}_u.words", word, part.u_words, words, part.u_lanes),
        automatic(f"{side}_u.takes", 1, part.u_words),
        Memory(f"{side}_u.x", x_bits, tiles, "lutram", part.u_lanes),
        Memory(f"{side}_s.scalars", (LANES + 1) * S_BITS, part.s_words, words, part.u_lanes),
        Memory(f"{side}_v.words", 8 * design.v_tile + 8, part.v_words, words, lanes),
        automatic(f"{side}_v.lasts", 1, part.v_words),
        Memory(f"{side}_v.p", p_bits, design.max_slots, "lutram", lanes * part.u_lanes),
    ]


def fifos(design):
    """The streams between processes.

    Parameters
    ----------
    design : Design

    Returns
    -------
    list of Memory
    """
    d = design
    x_tile = LANES * d.u_tile * d.activation_bits
    h_tile = LANES * d.v_tile * d.activation_bits
    state = h_tile + LANES * d.v_tile * CELL_BITS
    sums = GATES * d.v_tile * LANES * SUM_BITS
    wave = d.max_pairs * d.max_h_tiles
    return [
        Memory("memory", BEAT_BITS, MEMORY_DEPTH, "lutram"),
        Memory("beats", BEAT_BITS, MEMORY_DEPTH, "lutram"),
        Memory("reports", 6 * INT, 2, "srl"),
        Memory("image", BEAT_BITS, 2, "srl", SECTIONS),
        Memory("feedback", h_tile, wave, "bram"),
        Memory("to_route", h_tile, wave, "bram"),
        Memory("x_external", x_tile, 2 * d.max_x_tiles, "lutram"),
        Memory("x", x_tile, 2 * d.max_x_tiles, "lutram"),
        Memory("h", x_tile, d.max_h_tiles, "lutram"),
        Memory("primed", state, 2, "srl"),
        Memory("shown", state, d.max_h_tiles, "lutram"),
        Memory("input_sums", sums, 2 * d.max_h_tiles, "lutram"),
        Memory("hidden_sums", sums, 4, "lutram"),
        *_part_fifos(d, "input"),
        *_part_fifos(d, "hidden"),
        Memory("route_calls", FLAG + 3 * INT + INDEX * d.max_pairs, CALL_DEPTH, "lutram"),
        Memory("h_tiles_calls", FLAG + INT, CALL_DEPTH, "lutram"),
        Memory("sigma_calls", 6 * FLAG + 10 * INT, CALL_DEPTH, "lutram"),
        Memory("collect_calls", FLAG + INT, CALL_DEPTH, "lutram"),
    ]


def _part_fifos(design, side):
    lanes = getattr(design, side).u_lanes
    return [
        Memory(f"{side}_dots", lanes * LANES * SUM_BITS, design.max_slots, "lutram"),
        Memory(f"{side}_ps", lanes * LANES * design.p_bits, design.max_slots, "lutram"),
        Memory(f"{side}_clips", INT, CALL_DEPTH, "lutram"),
        Memory(f"{side}_u_calls", FLAG + 3 * INT, CALL_DEPTH, "lutram"),
        Memory(f"{side}_s_calls", 3 * FLAG + 7 * INT, CALL_DEPTH, "lutram"),
        Memory(f"{side}_v_calls", FLAG + 3 * INT, CALL_DEPTH, "lutram"),
    ]


def interfaces():
    """Buffers of the two m_axi adapters, assumed.

    UG1399: an adapter stores num_outstanding x max_burst_length words, 16 x 16 unless set.
    Both directions are counted of each, since not every version drops the unused one.
    """
    return [Memory("m_axi adapters (assumed)", BEAT_BITS, 256, "bram", 4)]
