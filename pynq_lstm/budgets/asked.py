"""What a search is asked for, checked; which strategy that means, and how it is told."""

import math
import numbers
import sys
from dataclasses import dataclass
from typing import Optional

from pynq_lstm.budgets import least_error, most_accurate, smallest
from pynq_lstm.budgets.budget import COSTS, Budget
from pynq_lstm.errors import CompressionError


@dataclass(frozen=True)
class Asked:
    """A goal and its limits.

    Attributes
    ----------
    budget : Budget
        Perhaps without limits.
    max_drop : float or None
    validated : bool
        Whether there are data to validate with.
    cost : str
        What is minimised under `max_drop`.

    Raises
    ------
    CompressionError
        Things that do not go together, or that are unknown.
    """

    budget: Optional[Budget]
    max_drop: Optional[float]
    validated: bool
    cost: str

    def __post_init__(self):
        if self.budget is None and self.max_drop is None:
            raise CompressionError(
                "budget", None, "neither a budget nor max_drop", "pass one of them, or both"
            )
        budget = Budget() if self.budget is None else Budget.of(self.budget)
        object.__setattr__(self, "budget", budget)
        if self.max_drop is not None:
            number("max_drop", self.max_drop, 0)
            if not self.validated:
                raise CompressionError(
                    "validate",
                    None,
                    "a drop needs data to measure it",
                    "pass validate=(x, labels) or a callable",
                )
        elif not budget.limits:
            raise CompressionError(
                "budget", None, "without a limit", f"pass one or several of {list(COSTS)}"
            )
        if self.cost not in COSTS:
            raise CompressionError("cost", self.cost, "unknown", f"choose from {list(COSTS)}")
        if self.cost == "microseconds" and budget.design is None:
            raise CompressionError(
                "cost", self.cost, "a time needs a design", "pass budget=dict(design=...)"
            )

    @property
    def limits(self):
        """Of costs, by name; where the time is minimised, what a design does not run has none."""
        timed = self.max_drop is not None and self.cost == "microseconds"
        return {**({"microseconds": sys.float_info.max} if timed else {}), **self.budget.limits}

    @property
    def measure(self):
        """What is minimised, as a function of a `Trial`."""
        if self.max_drop is not None:
            return smallest.measure(self.cost)
        return most_accurate.measure if self.validated else least_error.measure

    def run(self, arms, tries):
        """The strategy; raises `tries.Ended` where it was cut short."""
        if self.max_drop is not None:
            smallest.run(arms, tries, self.limits, self.cost)
        else:
            strategy = most_accurate if self.validated else least_error
            strategy.run(arms, tries, self.limits)

    @property
    def text(self):
        """For people."""
        within = [f"at most {most:,.10g} {name}" for name, most in self.budget.limits.items()]
        if self.budget.design is not None:
            within.append(f"time modelled on {self.budget.design.name}")
        if self.max_drop is not None:
            goal = f"least {self.cost} with a drop of at most {self.max_drop:g}"
        else:
            goal = "highest validated value" if self.validated else "least weight error"
        return ", ".join([goal, *within])

    def refuse(self, arms, done):
        """Say that nothing fits, and what would.

        Parameters
        ----------
        arms : list of Arm
        done : list of Trial

        Raises
        ------
        CompressionError
        """
        for name, most in self.limits.items():
            least, arm = min(
                ((arm.screen.cost(name, (0, 0)), arm) for arm in arms), key=lambda pair: pair[0]
            )
            if least > most:
                found, remedy = "no model runs on the design", "take another design or method"
                if math.isfinite(least):
                    found = f"nothing fits, the least found are {least:,.10g}"
                    options = ", ".join(f"{k} {v}" for k, v in arm.options((0, 0)).items())
                    remedy = f"allow at least those ({options})"
                raise CompressionError(f"budget.{name}", most, found, remedy)
        if self.max_drop is not None and done:
            least = min(done, key=lambda trial: trial.drop)
            raise CompressionError(
                "max_drop",
                self.max_drop,
                f"no model keeps to it, the least drop found is {least.drop:.4g} ({least.name})",
                "allow more of it or of the budget, or train the network further",
            )
        raise CompressionError(
            "budget",
            self.budget.limits,
            "no model keeps to all limits together",
            "raise one of them",
        )


def number(name, value, least, whole=False):
    """Refuse what is not a finite number, or a whole one, of at least `least`."""
    kind = numbers.Integral if whole else numbers.Real
    good = isinstance(value, kind) and not isinstance(value, bool)
    if not good or not least <= value < math.inf:
        what = "a whole number" if whole else "a number"
        raise CompressionError(name, value, f"not {what} of at least {least}", "pass one")
