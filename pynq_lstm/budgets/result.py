"""What a search found, as objects, as a table and as a picture."""

from dataclasses import dataclass
from typing import Optional, Tuple, Union

from pynq_lstm.budgets.trial import Trial
from pynq_lstm.columns import Columns
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.model import CompressedModel

_COLUMNS = (  # heading, width, format, of a Trial
    ("weight MSE", 11, ".3e", lambda t: t.mse),
    ("error", 8, ".4f", lambda t: t.relative_error),
    ("value", 9, ".2f", lambda t: t.accuracy),
    ("drop", 8, ".2f", lambda t: t.drop),
    ("bytes", 11, ",d", lambda t: t.bytes),
    ("words", 11, ",d", lambda t: t.words),
    ("mult/step", 12, ",d", lambda t: t.multiplications),
    ("us/step", 9, ".3f", lambda t: t.microseconds),
)


@dataclass(frozen=True, eq=False)
class SearchResult:
    """A model, and everything that was tried for it.

    Attributes
    ----------
    model : CompressedModel or CompressedNetwork
    chosen : Trial
        That of `model`.
    tried : tuple of Trial
        In the order of the search.
    asked : str
        For people.
    float_value : float or None
        What `validate` says of the float network.
    """

    model: Union[CompressedModel, CompressedNetwork]
    chosen: Trial
    tried: Tuple[Trial, ...]
    asked: str
    float_value: Optional[float] = None

    def table(self):
        """Text with a line for each trial; times are modelled, `>` marks the chosen one."""
        return table(self.asked, self.tried, self.chosen, self.float_value)

    def plot(self, axes=None):
        """Error or drop of every trial against its bytes; see `plots.search`.

        Parameters
        ----------
        axes : matplotlib Axes, optional

        Returns
        -------
        Axes

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        """
        from pynq_lstm import plots

        return plots.search(self, axes)

    def as_dict(self):
        """For JSON, without the model."""
        return {
            "asked": self.asked,
            "float_value": self.float_value,
            "chosen": self.tried.index(self.chosen),
            "tried": [trial.as_dict() for trial in self.tried],
        }


def table(asked, tried, chosen, float_value):
    """`SearchResult.table` of its fields."""
    columns = Columns(_COLUMNS, tried)
    lines = [f"asked: {asked}", f"   fits{columns.heads}  options"]
    for trial in tried:
        mark = ">" if trial is chosen else " "
        fits = "yes" if trial.fits else "no"
        lines.append(f" {mark} {fits:>4s}{columns.cells(trial)}  {trial.name}")
    if float_value is not None:
        lines.append(f"the float network: {float_value:.2f}")
    if chosen.microseconds is not None:
        lines.append("us/step is modelled: nothing was synthesised")
    return "\n".join(lines)
