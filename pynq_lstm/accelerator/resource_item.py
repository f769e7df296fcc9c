"""A line of the estimate of resources."""

from dataclasses import dataclass

from pynq_lstm.accelerator import leaf_blocks as leaf


@dataclass(frozen=True)
class Item:
    """One line of the estimate; `lut` and `ff` are (least, most)."""

    name: str
    count: int
    dsp: int = 0
    lut: tuple = (0, 0)
    ff: tuple = (0, 0)
    source: str = "hand RTL, yosys"


def from_block(name, count, dsp, lut, ff):
    """A line of `count` blocks of `lut` and `ff` each, as yosys counts them; `dsp` of all."""
    low, high = leaf.LUT_FACTORS
    fewest, most = leaf.FF_FACTORS
    luts = round(count * lut * low), round(count * lut * high)
    return Item(name, count, dsp, luts, (round(count * ff * fewest), round(count * ff * most)))
