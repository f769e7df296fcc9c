"""What an exploration found."""

from dataclasses import dataclass
from typing import Mapping, Optional, Tuple, Union

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.exploration.candidate import Candidate
from pynq_lstm.model import CompressedModel


@dataclass(frozen=True, eq=False)
class Exploration:
    """A model, the design that runs it soonest, and what they were chosen from.

    Attributes
    ----------
    model : CompressedModel or CompressedNetwork
    design : Design or BlockDesign
    best : Candidate
        Of `model` and `design`.
    candidates : tuple of Candidate
        All that were evaluated, `best` among them, in the order of the search.
    baselines : tuple of Candidate
    device : str
        Name of the device description.
    asked : str
        For people.
    float_value : float or None
        What the validation says of the float network.
    left_out : mapping of str to int
        How many points were not evaluated, by reason: "bound", "resources", "accuracy".
    """

    model: Union[CompressedModel, CompressedNetwork]
    design: object
    best: Candidate
    candidates: Tuple[Candidate, ...]
    baselines: Tuple[Candidate, ...]
    device: str
    asked: str
    float_value: Optional[float]
    left_out: Mapping[str, int]

    @property
    def front(self):
        """The candidates that none beats in both time and drop, the fastest first."""
        known = [one for one in self.candidates if one.drop is not None]
        found = []
        for one in sorted(known, key=lambda c: (c.microseconds, c.drop)):
            if not found or one.drop < found[-1].drop:
                found.append(one)
        return tuple(found)

    def as_dict(self):
        """For JSON, without model and design."""
        front = self.front
        return {
            "asked": self.asked,
            "device": self.device,
            "float_value": self.float_value,
            "best": self.candidates.index(self.best),
            "candidates": [
                {**one.as_dict(), "front": any(one is f for f in front)} for one in self.candidates
            ],
            "baselines": [one.as_dict() for one in self.baselines],
            "left_out": dict(self.left_out),
        }
