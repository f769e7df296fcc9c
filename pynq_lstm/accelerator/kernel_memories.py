"""Every memory and FIFO of a kernel in ``hls_src``, by its name there.

``tests/accelerator/test_kernel_memories.py`` holds this list and the sources together: names,
depths, and the implementation where a BIND_STORAGE pragma states one. What the engines have is
in `svd_memories` and `block_memories`.
"""

from pynq_lstm.accelerator import block_memories, svd_memories
from pynq_lstm.accelerator.design_common import BEAT, GATES
from pynq_lstm.accelerator.memories import Memory, automatic

BEAT_BITS = 8 * BEAT
INT, INDEX, FLAG = 32, 16, 8  # bits of fields of call tokens
CELL_BITS, SUM_BITS = 16, 32
MEMORY_DEPTH, CALL_DEPTH = 64, 4  # top.h, waves.h
ENGINES = {"svd": svd_memories, "block_diagonal": block_memories}
SECTIONS = {"svd": 8, "block_diagonal": 6}  # of an image


def arrays(design):
    """The static arrays, partitioned ones as copies.

    Parameters
    ----------
    design : Design or BlockDesign

    Returns
    -------
    list of Memory
    """
    d = design
    states = d.max_pairs * d.max_h_tiles
    both = d.lanes * d.activation_bits
    held = d.max_pairs * d.x_tiles("hidden")
    return [
        *ENGINES[d.engine].arrays(d),
        Memory("sigma_unit.states", d.lanes * d.v_tile * (d.activation_bits + 16), states, "bram"),
        Memory("sigma_unit.biases", GATES * d.v_tile * d.lanes * SUM_BITS, states, "bram"),
        automatic("route.words", 1 + d.lanes * 5 * 8, d.max_route_words),
        # a read for each lane, which takes any tile
        Memory("route.held", both * d.u_tile, held, "lutram", 1, d.lanes),
        Memory("dispatch.programs", 2 * 7 * INDEX, d.max_programs, "lutram"),
    ]


def fifos(design):
    """The streams between processes.

    Parameters
    ----------
    design : Design or BlockDesign

    Returns
    -------
    list of Memory
    """
    d = design
    x_tile = d.lanes * d.u_tile * d.activation_bits
    h_tile = d.lanes * d.v_tile * d.activation_bits
    state = h_tile + d.lanes * d.v_tile * CELL_BITS
    sums = GATES * d.v_tile * d.lanes * SUM_BITS
    wave = d.max_pairs * d.max_h_tiles
    return [
        Memory("memory", BEAT_BITS, MEMORY_DEPTH, "lutram"),
        Memory("beats", BEAT_BITS, MEMORY_DEPTH, "lutram"),
        Memory("reports", 6 * INT, 2, "srl"),
        Memory("image", BEAT_BITS, 2, "srl", SECTIONS[d.engine]),
        Memory("feedback", h_tile, wave, "bram"),
        Memory("to_route", h_tile, wave, "bram"),
        Memory("x_external", x_tile, 2 * d.max_x_tiles, "lutram"),
        Memory("x", x_tile, 2 * d.max_x_tiles, "lutram"),
        Memory("primed", state, 2, "srl"),
        Memory("shown", state, d.max_h_tiles, "lutram"),
        Memory("input_sums", sums, 2 * d.max_h_tiles, "lutram"),
        Memory("hidden_sums", sums, 4, "lutram"),
        Memory("input_clips", INT, CALL_DEPTH, "lutram"),
        Memory("hidden_clips", INT, CALL_DEPTH, "lutram"),
        *ENGINES[d.engine].fifos(d),
        Memory("route_calls", FLAG + 3 * INT + INDEX * d.max_pairs, CALL_DEPTH, "lutram"),
        Memory("sigma_calls", (4 + d.lanes) * FLAG + (6 + 4 * d.lanes) * INT, CALL_DEPTH, "lutram"),
        Memory("collect_calls", FLAG + INT, CALL_DEPTH, "lutram"),
    ]


def interfaces():
    """Buffers of the two m_axi adapters, assumed.

    UG1399: an adapter stores num_outstanding x max_burst_length words, 16 x 16 unless set.
    Both directions are counted of each, since not every version drops the unused one.
    """
    return [Memory("m_axi adapters (assumed)", BEAT_BITS, 256, "bram", 4)]
