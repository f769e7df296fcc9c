"""DSPs, LUTs and flip-flops of the kernel's units, and what is assumed around them."""

from pynq_lstm.accelerator import leaf_blocks as leaf
from pynq_lstm.accelerator.design import GATES, LANES
from pynq_lstm.accelerator.kernel_memories import fifos
from pynq_lstm.accelerator.resource_item import Item, from_block

DSP_OPERAND = 27  # bits of the wider operand of a DSP48E2; the other one has 18
PACKED_SUM = 131_071  # largest low sum of a packed group
CODE = 127  # codes of u and v exclude -128
V_SUMMED = 2
SIGMA_DSPS = 8  # five interpolations and three products a unit and model


# The second figure of each pair is generous: nothing of this exists yet.
ASSUMED = (
    Item("m_axi adapters", 2, 0, (1200, 3400), (1700, 4000), "assumed"),
    Item("registers (s_axilite)", 1, 0, (200, 600), (300, 900), "assumed"),
    Item("dispatch, route, collect, loading", 1, 0, (3000, 9000), (4000, 10000), "assumed"),
    Item("block design around the kernel", 1, 0, (3000, 9000), (4000, 12000), "assumed"),
)
CHECKS = "checks of commands and images, CRC", 1
CHECK_DSPS, CHECK_LUTS, CHECK_FFS = 8, (1500, 5000), (1500, 5000)
FIFO_LUTS, FIFO_FFS = (20, 60), (20, 40)  # pointers and flags; assumed


def u_is_packed(design):
    """Whether a DSP of U serves both models: x of 8 bits, eight products summed."""
    return design.activation_bits == 8


def v_is_packed(design):
    """Whether a DSP of V serves two elements of v: two products must fit the packed sum."""
    return V_SUMMED * CODE << (design.p_bits - 1) <= PACKED_SUM


def dot_bits(design):
    """Bits of the largest dot product of u and x, at most 32: section 5 of numerics.md."""
    elements = max(design.max_inputs, design.max_hidden)
    return min((elements * CODE << (design.activation_bits - 1)).bit_length() + 1, 32)


def units(design):
    """The arithmetic of the kernel.

    Parameters
    ----------
    design : Design

    Returns
    -------
    list of Item
    """
    parts = {side: getattr(design, side) for side in ("input", "hidden")}
    items = [_u(design, side, part) for side, part in parts.items()]
    items += [_s(design, side, part) for side, part in parts.items()]
    items += [_v(design, side, part) for side, part in parts.items()]
    items += [_operands(design, side, part) for side, part in parts.items()]
    count = design.v_tile * LANES
    items.append(
        from_block("sigma", count, SIGMA_DSPS * count, leaf.SIGMA_UNIT.lut, leaf.SIGMA_UNIT.ff)
    )
    return items


def _u(design, side, part):
    products = LANES * design.u_tile * part.u_lanes
    dsp = products // 2 if u_is_packed(design) else products
    share = design.u_tile / 16  # the block has tiles of 16
    u = leaf.U_LANE
    return from_block(f"{side} U lanes", part.u_lanes, dsp, u.lut * share, u.ff * share)


def _s(design, side, part):
    count = LANES * part.u_lanes
    each = 1 if dot_bits(design) <= DSP_OPERAND else 2
    s = leaf.S_MULTIPLIER
    return from_block(f"{side} S multipliers", count, count * each, s.lut * each, s.ff * each)


def _v(design, side, part):
    products = GATES * part.v_lanes * design.v_tile * LANES
    packs = v_is_packed(design)
    dsp = products // 2 if packs else products
    share = design.v_tile / 8 * (1 if packs else 2)
    few, many = leaf.V_GATE_2, leaf.V_GATE_16
    lanes = (part.v_lanes - 2) / (16 - 2)  # linear between the two blocks
    lut = max(few.lut + lanes * (many.lut - few.lut), 0)
    ff = max(few.ff + lanes * (many.ff - few.ff), 0)
    return from_block(f"{side} V gates", GATES, dsp, lut * share, ff * share)


def _operands(design, side, part):
    """The multiplexer of the banks of p before each lane; the banks are in the memories."""
    share = part.u_lanes / 13 * design.p_bits / 10
    lut = (leaf.P_COPY.lut - leaf.P_COPY_MEMORY_LUTS) * share
    return from_block(f"{side} V operands", GATES * part.v_lanes, 0, lut, leaf.P_COPY.ff * share)


def surroundings(design):
    """What no leaf block shows: FIFO control and output registers, interfaces, the rest."""
    streams = fifos(design)
    count = sum(stream.copies for stream in streams)
    registers = sum(stream.copies * stream.width for stream in streams)
    lut = tuple(count * each for each in FIFO_LUTS)
    ff = tuple(count * each + registers for each in FIFO_FFS)
    return [
        Item("FIFO control and output registers", count, 0, lut, ff, "assumed"),
        *ASSUMED,
        _checks(design),
    ]


def _checks(design):
    """Their products are of DSPs, or of LUTs where a design has none."""
    if getattr(design, "multipliers", "dsp") == "dsp":
        return Item(*CHECKS, CHECK_DSPS, CHECK_LUTS, CHECK_FFS, "assumed")
    more = CHECK_DSPS * leaf.MULTIPLIER_16.lut
    return Item(*CHECKS, 0, (CHECK_LUTS[0], CHECK_LUTS[1] + 2 * more), CHECK_FFS, "assumed")
