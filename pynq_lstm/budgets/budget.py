"""What a compressed model may cost."""

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Optional, Union

from pynq_lstm.accelerator.design_common import DesignCommon
from pynq_lstm.errors import CompressionError
from pynq_lstm.runtime.fpga.files import designs

COSTS = ("bytes", "words", "multiplications", "microseconds")


@dataclass(frozen=True)
class Budget:
    """Upper limits; a model that keeps to all of them fits.

    Attributes
    ----------
    bytes : int, optional
        Of the tensors that its file stores, biases and head included.
    words : int, optional
        Stored numbers of the weights, as `model_size.parameters` counts them.
    multiplications : int, optional
        Of a step of all models, as `model_size.multiplications` counts them.
    microseconds : float, optional
        Modelled time of a step of all models on `design`: nothing was synthesised or measured.
        Of a network the sum over its passes, transfers between them left out.
    design : str, Design or BlockDesign, optional
        A design that ships, by name, or any other. Without `microseconds` the time is told only.

    Raises
    ------
    CompressionError
        A limit that is no positive number, a time without a design, or an unknown design.
    """

    bytes: Optional[int] = None
    words: Optional[int] = None
    multiplications: Optional[int] = None
    microseconds: Optional[float] = None
    design: Optional[Union[str, DesignCommon]] = None

    def __post_init__(self):
        for name, limit in self.limits.items():
            real = isinstance(limit, numbers.Real) and not isinstance(limit, bool)
            if not real or not 0 < limit < math.inf:
                raise CompressionError(
                    f"budget.{name}", limit, "not a positive number", "pass an upper limit"
                )
        object.__setattr__(self, "design", _design(self.design))
        if self.microseconds is not None and self.design is None:
            raise CompressionError(
                "budget.design",
                None,
                "a time needs a design",
                f"pass design=, one of {sorted(designs())}",
            )

    @classmethod
    def of(cls, value):
        """A budget from a `Budget` or a mapping of its fields.

        Raises
        ------
        CompressionError
            Something else, or an unknown name.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise CompressionError(
                "budget", value, "not a Budget", "pass Budget(bytes=...) or dict(bytes=...)"
            )
        known = [f.name for f in fields(cls)]
        for name in value:
            if name not in known:
                raise CompressionError(
                    f"budget.{name}", value[name], "unknown", f"choose from {known}"
                )
        return cls(**value)

    @property
    def limits(self):
        """The limits that are given, by name in the order of `COSTS`."""
        given = {name: getattr(self, name) for name in COSTS}
        return {name: limit for name, limit in given.items() if limit is not None}


def fits(costs, limits):
    """Whether costs, a mapping by name, keep to limits; a cost that is not known does not."""
    return all(costs[name] is not None and costs[name] <= most for name, most in limits.items())


def _design(value):
    if value is None or isinstance(value, DesignCommon):
        return value
    shipped = designs()
    if not isinstance(value, str) or value not in shipped:
        raise CompressionError(
            "budget.design", value, "no such design", f"choose from {sorted(shipped)}"
        )
    return shipped[value]
