"""Groups of LSTMs that share u and v, and what they are worth at equal stored words."""

from dataclasses import asdict, dataclass
from typing import Optional, Tuple


@dataclass(frozen=True)
class Sharing:
    """What a way to share costs.

    Attributes
    ----------
    error : float
        Of the weights, relative to their mean square.
    words : int
        Stored words of the weights.
    multiplications : int
        Of a step of all LSTMs.
    """

    error: float
    words: int
    multiplications: int


@dataclass(frozen=True)
class Grouping:
    """Groups of LSTMs, and what they are worth at no more words than all sharing takes.

    Attributes
    ----------
    groups : tuple of tuple of int
        Flat indices of LSTMs: by model, then layer, then direction. What `compress` takes as
        `share`.
    found : Sharing
        Of these groups.
    within : Sharing
        Of the best groups that were found within the passes of the network.
    together : Sharing
        Of all LSTMs of a pass in one group.
    apart : Sharing or None
        Of every LSTM alone; None where that is less than one component.
    network : Sharing or None
        Of all LSTMs in one group; None where that is more than a model holds.
    across : bool
        Whether some group has LSTMs of several passes.
    """

    groups: Tuple[Tuple[int, ...], ...]
    found: Sharing
    within: Sharing
    together: Sharing
    apart: Optional[Sharing]
    network: Optional[Sharing]
    across: bool

    @property
    def gain(self):
        """Share of the error that is saved, of the better of all together and all apart."""
        return _gain(self.found, *(way for way in (self.together, self.apart) if way is not None))

    @property
    def gain_across(self):
        """Share of the error of the best groups within passes that groups across them save."""
        return _gain(self.found, self.within)

    @property
    def told(self):
        """What the provenance of a network says of its groups, a dict."""
        text = "gained nothing over the better of all together and all apart"
        if self.gain > 0:
            text = f"{self.gain:.1%} less error than the better of all together and all apart"
        told = {"groups": text}
        if self.network is not None and self.network != self.together:  # several passes
            told["groups across passes"] = "gain nothing over groups within them"
            if self.across:
                told["groups across passes"] = f"{self.gain_across:.1%} less error than within them"
        return told

    def as_dict(self):
        """For JSON."""
        groups = [list(group) for group in self.groups]
        return {
            **asdict(self), "groups": groups, "gain": self.gain, "gain_across": self.gain_across
        }  # fmt: skip


def _gain(found, *others):
    best = min(way.error for way in others)
    return 1 - found.error / best if best else 0.0
