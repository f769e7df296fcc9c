"""The grid of a c of few bits, for compression after training and for training alike."""

from pynq_lstm.compression.quantization import FEW_BITS
from pynq_lstm.numerics import CELL_BITS, CELL_FRACTIONS, limits


def cell_fraction(c, whole, bits, library):
    """The grid of c that leaves the least squared error of tanh(c), for c of few bits.

    A cell that counts grows to tens while others stay below 1: with few bits a grid that holds
    both leaves nothing of the latter. What leaves the cell is tanh(c), so large c may saturate.

    Parameters
    ----------
    c : ndarray or tensor, float
        Cells that a float run met.
    whole : int
        Fraction bits of the grid that holds the largest (`quantization.cell_fraction_bits`).
    bits : int
        `cell_bits`, 4 to 16. Above `quantization.FEW_BITS` the grid is `whole`.
    library : module
        numpy or torch, whichever `c` is of: training chooses on the device where it runs.

    Returns
    -------
    int
        `whole` to 14. c then has the scale 2^-fraction on the 16-bit grid of docs/numerics.md.
    """
    if bits > FEW_BITS:
        return whole
    fractions = range(whole, CELL_FRACTIONS[-1] + 1)
    errors = []
    for fraction in fractions:
        lost = library.tanh(on_grid(c, fraction, bits, library)) - library.tanh(c)
        errors.append(library.square(library.asarray(lost, dtype=library.float64)).sum())
    errors = library.stack(errors).tolist()  # one answer from the device for all
    return fractions[errors.index(min(errors))]


def on_grid(c, fraction, bits, library):
    """c rounded and saturated to so many bits; arguments as of `cell_fraction`."""
    step = 2.0 ** (CELL_BITS - bits - fraction)
    return library.clip(library.round(c / step), *limits(bits)) * step
