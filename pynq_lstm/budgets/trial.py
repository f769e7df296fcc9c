"""One model that a search made, and what was measured of it."""

from dataclasses import asdict, dataclass
from typing import Mapping, Optional

from pynq_lstm.budgets.budget import COSTS


@dataclass(frozen=True)
class Trial:
    """One model; ``compress(network, calibration=..., **options)`` makes it again.

    Attributes
    ----------
    options : mapping
        With "method".
    mse, relative_error : float
        Of the weights: mean squared error, and the same over their mean square.
    accuracy, drop : float or None
        What `validate` says, percent where it was given labels, and the points that the float
        network has more; None without validation.
    bytes, words, multiplications : int
        As of `Budget`.
    microseconds : float or None
        Modelled; None without a design, or where the design does not run the model.
    fits : bool
        Whether it keeps to everything that was asked.
    """

    options: Mapping
    mse: float
    relative_error: float
    accuracy: Optional[float]
    drop: Optional[float]
    bytes: int
    words: int
    multiplications: int
    microseconds: Optional[float]
    fits: bool

    @property
    def costs(self):
        """By name."""
        return {name: getattr(self, name) for name in COSTS}

    def as_dict(self):
        """For JSON: pairs and groups are lists."""
        options = {name: _listed(value) for name, value in self.options.items()}
        return {**asdict(self), "options": options}

    @property
    def name(self):
        """The options in one line, the method first."""
        others = (f"{k} {_text(v)}" for k, v in self.options.items() if k != "method")
        return ", ".join([self.options["method"], *others])


def _listed(value):
    return [_listed(one) for one in value] if isinstance(value, (tuple, list)) else value


def _text(value):
    if not isinstance(value, (tuple, list)):
        return str(value)
    if all(isinstance(one, (tuple, list)) for one in value):  # groups of LSTMs
        return " | ".join(f"({', '.join(map(str, one))})" for one in value)
    return "/".join("whole" if one is None else str(one) for one in value)  # no tiles
