"""What an exploration found."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Mapping, Optional, Tuple, Union

from pynq_lstm import fronts
from pynq_lstm.candidate import Candidate
from pynq_lstm.columns import Columns
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.model import CompressedModel

_COLUMNS = (  # heading, width, format, of a Candidate
    ("us/step", 10, ".4f", lambda c: c.microseconds),
    ("cycles", 10, ",.6g", lambda c: c.cycles),
    ("drop", 8, ".2f", lambda c: c.drop),
    ("weight MSE", 12, ".3e", lambda c: c.mse),
    ("bytes", 10, ",.9g", lambda c: c.bytes),
    ("DSP", 7, ",.9g", lambda c: c.resources.get("dsp")),
    ("BRAM36", 8, ",.9g", lambda c: c.resources.get("bram36")),
    ("URAM", 6, ",.9g", lambda c: c.resources.get("uram")),
    ("nJ/step", 10, ".4g", lambda c: c.energy),
)
_REASONS = {
    "bound": "whose bound of the time was no better than the best",
    "accuracy": "not accurate enough, or with fewer components than such ones",
    "resources": "that no design of the device runs",
    "tries": "that more descents might have made accurate enough",
    "refused": "whose options do not go with the network",
}


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
        How many points were not made of greedy components, by reason: "bound", "resources",
        "accuracy"; "tries", where the number of descents ended the search, "refused", options that
        do not go with the network. A point that a descent made has its reason all the same.
    missing_baselines : mapping of str to str
        Why a baseline that was asked for is not among `baselines`, by its engine.
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
    missing_baselines: Mapping[str, str] = field(default_factory=dict)

    @property
    def front(self):
        """The candidates that none beats in both time and drop, the fastest first.

        Without validation data: in time and weight MSE.
        """
        name = "mse" if self.float_value is None else "drop"
        known = [one for one in self.candidates if getattr(one, name) is not None]
        return tuple(fronts.front(known, attrgetter("microseconds"), attrgetter(name)))

    def table(self):
        """Text: a line for each candidate (`>` the best, `*` on the front) and each baseline, then
        why baselines are missing, and what was left out and why.
        """
        front = {id(one) for one in self.front}
        every = [*self.candidates, *self.baselines]
        columns = Columns(_COLUMNS, every)
        lines = [f"asked: {self.asked}", f"  {columns.heads}  how       engine and options"]
        for one in every:
            mark = ">" if one is self.best else "*" if id(one) in front else " "
            lines.append(f"{mark} {columns.cells(one)}  {one.how:9s} {one.name}")
        if self.float_value is not None:
            lines.append(f"the float network: {self.float_value:.2f}")
        for engine, why in self.missing_baselines.items():
            lines.append(f"no baseline {engine}: {why}")
        lines.append("left out:")
        for reason, count in self.left_out.items():
            if count:
                lines.append(f"{count:>9,d} models {_REASONS.get(reason, reason)}")
        lines.append(
            "times are modelled unless they are said to be measured: nothing was synthesised"
        )
        return "\n".join(lines)

    def plot(self, ax=None):
        """Time against drop, with the baselines; see `plots.front`.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        Axes

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        """
        from pynq_lstm import plots  # only here: a result needs no matplotlib

        return plots.front(self, ax=ax)

    def save(self, folder):
        """Write design, model, report and a Makefile of the overlay; see `saving.save`.

        A report.html that is there is removed, being of another answer; `write_html` makes one.

        ``pl.load(model, overlay=folder)`` runs the model on that design: in the emulator at once.

        Parameters
        ----------
        folder : path-like

        Returns
        -------
        Path

        Raises
        ------
        InputError
            It cannot be written.
        """
        from pynq_lstm.exploration import saving  # which knows the overlays

        return saving.save(self, folder)

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
            "missing_baselines": dict(self.missing_baselines),
            "left_out": dict(self.left_out),
        }
