"""How accurate a model must be."""

import math
import numbers
from dataclasses import dataclass
from typing import Optional

from pynq_lstm.budgets.tries import ROUNDING
from pynq_lstm.errors import CompressionError


@dataclass(frozen=True)
class Goal:
    """One of two limits.

    Attributes
    ----------
    max_drop : float or None
        Points of the validation below the float network.
    max_mse : float or None
        Mean squared error of the weights.

    Raises
    ------
    CompressionError
        None or both of them, no number, or a drop without validation data.
    """

    max_drop: Optional[float]
    max_mse: Optional[float]
    validated: bool

    def __post_init__(self):
        given = [name for name in ("max_drop", "max_mse") if getattr(self, name) is not None]
        if len(given) != 1:
            problem = "and max_mse together" if given else "nor max_mse is given"
            raise CompressionError("max_drop", self.max_drop, problem, "pass one of them")
        value = getattr(self, given[0])
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not real or not 0 <= value < math.inf:
            raise CompressionError(given[0], value, "not a number of at least 0", "pass one")
        if self.max_drop is not None and not self.validated:
            raise CompressionError(
                "validation",
                None,
                "a drop needs data to measure it",
                "pass validation=(x, labels) or a callable, or max_mse instead",
            )

    def met(self, drop, mse):
        """Whether a model is good enough."""
        if self.max_drop is not None:
            return drop <= self.max_drop + ROUNDING
        return mse <= self.max_mse

    @property
    def text(self):
        """For people."""
        if self.max_drop is not None:
            return f"a drop of at most {self.max_drop:g}"
        return f"a weight MSE of at most {self.max_mse:g}"
