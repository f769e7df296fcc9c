"""One source of an input."""

import numbers
from dataclasses import dataclass
from typing import Optional

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import names

LARGEST = 10**9 - 1  # number in an expression


@dataclass(frozen=True)
class Term:
    """One source of an input.

    Attributes
    ----------
    source : str
        Name of an external input (x0, x1, ...) or of a model.
    every : int
        k of "source / k": steps k, 2 k, ... are taken; 1 takes each.
    last : bool
        Only the last valid step: of a model the h of its top layer after it, both directions.
    size : int, optional
        Stated number of values of a step.
    """

    source: str
    every: int = 1
    last: bool = False
    size: Optional[int] = None

    def __post_init__(self):
        known = isinstance(self.source, str)
        if (
            not known
            or names.external_index(self.source) is None
            and not names.is_model(self.source)
        ):
            raise NetworkError("source", self.source, "not a name", "use x0, x1 or a model's name")
        for field in ("every", "size"):
            value = getattr(self, field)
            if value is None and field == "size":
                continue
            if isinstance(value, bool) or not isinstance(value, numbers.Integral):
                raise NetworkError(field, value, "not an integer", f"use 1 to {LARGEST}")
            if not 1 <= int(value) <= LARGEST:
                raise NetworkError(field, value, "out of range", f"use 1 to {LARGEST}")
        if self.last and self.every != 1:
            raise NetworkError(
                "every", self.every, "of a single step", f"write last({self.source}) alone"
            )

    def __str__(self):
        text = self.source if self.size is None else f"{self.source}:{self.size}"
        if self.last:
            return f"{names.LAST}({text})"
        return text if self.every == 1 else f"{text} / {self.every}"
