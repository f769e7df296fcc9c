"""DSPs, LUTs and flip-flops of the block-diagonal engine and of Sigma beside it."""

from pynq_lstm.accelerator import leaf_blocks as leaf
from pynq_lstm.accelerator.design_common import GATES
from pynq_lstm.accelerator.resource_item import Item, from_block
from pynq_lstm.model import PARTS

SIGMA_PRODUCTS = 8  # five interpolations and three products a unit
ROW_BITS = 6  # of the address of an operand, at most
# Per bank: a choice of one of `units` elements, two LUT6 a bit, and as many comparisons of two
# LUTs each. Per gate output: an adder of 32 bits, and a shifter of four levels, two of them a LUT.
ACCUMULATOR_LUTS = 32 + 2 * 32
NARROW_LUTS = GATES * 2 * 16  # of a unit: an adder with a mask, and a limit, for each gate


def units(design):
    """The arithmetic of the kernel.

    Parameters
    ----------
    design : BlockDesign

    Returns
    -------
    list of Item
    """
    items = []
    for side in PARTS:
        items += [_rows(design, side), _scaling(design, side), *_around(design, side)]
    return [*items, *_sigma(design)]


def uses_dsps(design):
    """Whether products take DSPs."""
    return design.multipliers == "dsp"


def _rows(design, side):
    """The products of a word and their sums, gate output by gate output or two by two."""
    outputs, share = GATES * design.units, design.columns / leaf.ROW_COLUMNS
    if uses_dsps(design):
        pairs = outputs // 2
        row = leaf.PACKED_ROW
        name = f"{side} pairs of gate outputs"
        return from_block(name, pairs, pairs * design.columns, row.lut * share, row.ff * share)
    row = {4: leaf.ROW_4, 8: leaf.ROW_8}[design.weight_bits]
    return from_block(f"{side} gate outputs", outputs, 0, row.lut * share, row.ff * share)


def _scaling(design, side):
    """x m, rounded and saturated, of every element of a tile."""
    own, count = leaf.S_MULTIPLIER, design.units
    if uses_dsps(design):
        return from_block(f"{side} scaling", count, count, own.lut, own.ff)
    product = {8: leaf.MULTIPLIER_8_17, 16: leaf.MULTIPLIER_16_17}[design.activation_bits]
    return from_block(f"{side} scaling", count, 0, own.lut + product.lut, own.ff + product.ff)


def _around(design, side):
    bank = 2 * (design.p_bits + ROW_BITS) + 2 * design.units
    banks = _assumed(f"{side} banks", design.columns, bank, design.p_bits)
    outputs = GATES * design.units
    return [banks, _assumed(f"{side} accumulators", outputs, ACCUMULATOR_LUTS, 2 * 32)]


def _sigma(design):
    count, own = design.units, leaf.SIGMA_UNIT
    narrow = _assumed("bits of gates", count, NARROW_LUTS, NARROW_LUTS)
    if uses_dsps(design):
        return [from_block("sigma", count, SIGMA_PRODUCTS * count, own.lut, own.ff), narrow]
    lut = own.lut + SIGMA_PRODUCTS * leaf.MULTIPLIER_16.lut
    ff = own.ff + SIGMA_PRODUCTS * leaf.MULTIPLIER_16.ff
    return [from_block("sigma", count, 0, lut, ff), narrow]


def _assumed(name, count, lut, ff):
    low, high = leaf.LUT_FACTORS
    fewest, most = leaf.FF_FACTORS
    luts = round(count * lut * low), round(count * lut * high)
    return Item(
        name, count, 0, luts, (round(count * ff * fewest), round(count * ff * most)), "assumed"
    )
