"""Designs for the tests: those that ship, and variants."""

from dataclasses import replace
from pathlib import Path

from pynq_lstm.accelerator.design import Design

OVERLAYS = Path(__file__).parents[2] / "overlays"
NAMES = ("svd_lstm", "svd_lstm_tiny", "svd_lstm_wide")


def shipped(name):
    return Design.load(OVERLAYS / name / "design.json")


TINY, DEFAULT, WIDE = shipped("svd_lstm_tiny"), shipped("svd_lstm"), shipped("svd_lstm_wide")
BLOCK_NAMES = tuple(
    f"block_diagonal_lstm{suffix}" for suffix in ("", "_tiny", "_lut", "_w8", "_wide")
)
BLOCKS, BLOCKS_TINY, BLOCKS_LUT, BLOCKS_W8, _ = (shipped(name) for name in BLOCK_NAMES)
# codes of 8 bits, activations of 16, an odd number of units, other depths
BLOCKS_WIDE = replace(
    BLOCKS_TINY,
    name="blocks_wide",
    activation_bits=16,
    weight_bits=8,
    multipliers="lut",
    units=3,
    columns=5,
    slices=1,
    max_x_tiles=24,
)
BLOCKS_8 = replace(BLOCKS_TINY, name="blocks_8", weight_bits=8, columns=10, slices=5)
TINY_WIDE = replace(TINY, name="tiny_wide", activation_bits=16, p_bits=16)
