"""When block coordinate descent ends."""

import math
import numbers
from dataclasses import dataclass

from pynq_lstm.compression.option_checks import is_integer
from pynq_lstm.errors import CompressionError

MAX_SWEEPS = 100_000


@dataclass(frozen=True)
class Sweeping:
    """When block coordinate descent ends.

    Attributes
    ----------
    sweeps : int
        At the latest after so many.
    tolerance : float
        As soon as a sweep lowers the error by less than this share of it.
    careful : bool
        Whether the greedy components that a descent starts from are made as the greedy solver
        makes them, whatever the size of the matrices, so that the result is never worse.
    """

    sweeps: int = 100
    tolerance: float = 3e-5
    careful: bool = False

    def __post_init__(self):
        if not is_integer(self.sweeps) or not 1 <= self.sweeps <= MAX_SWEEPS:
            raise CompressionError(
                "sweeps", self.sweeps, "not a number of sweeps", f"pass 1 to {MAX_SWEEPS}"
            )
        real = isinstance(self.tolerance, numbers.Real) and not isinstance(self.tolerance, bool)
        if not real or not 0 <= self.tolerance < 1 or math.isnan(self.tolerance):
            raise CompressionError(
                "tolerance", self.tolerance, "not a share of the error", "pass 0 to below 1"
            )
        if not isinstance(self.careful, bool):
            raise CompressionError("careful", self.careful, "not True or False", "pass one")
