"""What the grid of an LSTM's x has to be like, beside holding the calibration data."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.errors import CalibrationError
from pynq_lstm.numerics import limits

LARGEST = float(np.finfo(np.float32).max) / 2
FREE, POWER, HIDDEN = "free", "power of two", "that of h"


@dataclass(frozen=True)
class XGrid:
    """Of one LSTM.

    Attributes
    ----------
    at_least : float
        Magnitude that the grid holds, whatever the data reach.
    kind : str
        `FREE`: the largest magnitude takes the largest code. `POWER`: the finest power of two
        that holds it, as h is added or joined to other values. `HIDDEN`: the grid of h.
    """

    at_least: float = 0.0
    kind: str = FREE

    def inverse_scale(self, largest, bits):
        """Codes a unit of an x that reaches `largest`, a float; inf where there is none."""
        if self.kind == HIDDEN:
            return 2.0 ** (bits - 1)
        with np.errstate(over="ignore"):
            scale = float(np.float32(limits(bits)[1] / largest))
        if self.kind == FREE or not 0 < scale < np.inf:
            return scale
        return float(np.ldexp(1.0, int(np.frexp(scale)[1]) - 1))


def each(input_range, count):
    """One `XGrid` for each of `count` models.

    Parameters
    ----------
    input_range : pair of float, None, or sequence of XGrid
        Lowest and highest x of all of them, or what is known of each.
    """
    if input_range is None:
        return (XGrid(),) * count
    if all(isinstance(grid, XGrid) for grid in input_range):
        return tuple(input_range)
    return (XGrid(largest(input_range)),) * count


def largest(input_range):
    """Largest magnitude of a range, 0 for None."""
    return 0.0 if input_range is None else float(np.abs(checked_range(input_range)).max())


def checked_range(input_range):
    """(low, high) as floats; raises `CalibrationError`."""
    try:
        low, high = (float(v) for v in input_range)
    except (TypeError, ValueError, OverflowError):
        low = high = np.nan
    if not -LARGEST <= low < high <= LARGEST:  # NaN neither
        raise CalibrationError(
            "input_range", input_range, "not a finite range", "pass (lowest, highest) of x"
        )
    return low, high
