"""The tables that the blocks read, made from the project's literal knots."""

from itertools import pairwise

from pynq_lstm import sigma_knots

CURVES = {"sigmoid": sigma_knots.SIGMOID, "tanh": sigma_knots.TANH}


def write(folder):
    """Write sigmoid.hex and tanh.hex: a segment a line, knot << 11 | rise."""
    for name, knots in CURVES.items():
        words = (low << 11 | high - low for low, high in pairwise(knots))
        (folder / f"{name}.hex").write_text("".join(f"{word:07x}\n" for word in words))
