"""What a session says of its last run, and of many."""

from dataclasses import asdict, dataclass
from typing import Dict, Optional

import numpy as np

SATURATION_WARNING = 0.001  # share of the values of one kind
# pre is counted and not warned of: beyond +-8 both curves are within 3.4e-4 of their limits
WARNED_KINDS = ("x", "state", "p", "c")


@dataclass(frozen=True)
class RunReport:
    """One call of a session.

    Attributes
    ----------
    backend : str
        Which back end ran.
    seconds : dict
        By stage: "quantise", "run", "dequantise".
    modelled : bool
        Whether "run" is a modelled time of a board instead of one measured here.
    cycles : int or None
        Of the kernel, where the back end counts them.
    saturated : dict
        Values that left their range and were clipped, by kind: "x", "p", "pre",
        "c", and "state" for h and c passed in.
    values : dict
        How many there were of each kind, over valid steps.
    refinements : int
        The prefix of the components that ran.
    """

    backend: str
    seconds: Dict[str, float]
    modelled: bool
    cycles: Optional[int]
    saturated: Dict[str, int]
    values: Dict[str, int]
    refinements: int

    @property
    def total_seconds(self):
        """Sum of the stages."""
        return sum(self.seconds.values())

    def clipped_kinds(self):
        """Kinds of which more than 0.1 % saturated, where that costs accuracy."""
        return [k for k in WARNED_KINDS if self.saturated[k] > SATURATION_WARNING * self.values[k]]

    def to_dict(self):
        """For JSON."""
        return {**asdict(self), "total_seconds": self.total_seconds}


@dataclass(frozen=True)
class Benchmark:
    """Times of many calls.

    Attributes
    ----------
    backend : str
    calls : int
    p50, p99, max, mean : float
        Seconds a call, everything included.
    modelled : bool
        Whether the times are a board's, modelled.
    """

    backend: str
    calls: int
    p50: float
    p99: float
    max: float
    mean: float
    modelled: bool

    @classmethod
    def of(cls, backend, seconds, modelled):
        """Summarise a list of seconds."""
        p50, p99 = (float(v) for v in np.percentile(seconds, (50, 99)))
        return cls(
            backend,
            len(seconds),
            p50,
            p99,
            float(np.max(seconds)),
            float(np.mean(seconds)),
            modelled,
        )

    def to_dict(self):
        """For JSON."""
        return asdict(self)


def value_counts(model, lengths, refinements):
    """How many values of each kind a run has.

    Returns
    -------
    dict
        "x", "state", "p", "pre", "c": int.
    """
    steps, units = int(lengths.sum()), sum(model.hidden_sizes)
    components = sum(part.prefix(refinements) for part in (model.input, model.hidden))
    return {
        "x": steps * sum(model.input_sizes),
        "state": 2 * len(lengths) * units,
        "p": steps * components * model.models,
        "pre": steps * 4 * units,
        "c": steps * units,
    }
