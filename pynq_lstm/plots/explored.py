"""An exploration as its pictures and its report take it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

from pynq_lstm import fronts
from pynq_lstm.errors import InputError
from pynq_lstm.plots import given

_REMEDY = "pass an Exploration or its as_dict()"
_NEEDED = ("asked", "device", "best", "candidates", "baselines")
LABELS = {"drop": "accuracy drop, points", "mse": "mean squared error of the weights"}


@dataclass(frozen=True, eq=False)
class Explored:
    """What is drawn.

    Attributes
    ----------
    candidates, baselines : list of dict
        As of `Exploration.as_dict`.
    best : dict
        Of `candidates`.
    height : str
        "drop", or "mse" where no candidate was validated: what is drawn against time.
    front : list of dict
        The candidates that none beats in both time and `height`, the fastest first.
    asked, device : str
    """

    candidates: list
    baselines: list
    best: dict
    height: str
    front: list
    asked: str
    device: str

    def drawn(self, found):
        """Those of `found` that have a place: an error of 0 has none on a logarithmic axis."""
        return _known(found, self.height)

    @property
    def baseline_fronts(self):
        """The own front of each baseline, apart of what is modelled and what is measured.

        A list of lists of dict, the fastest first; a baseline of one point has none.
        """
        known = self.drawn(self.baselines)
        kinds = dict.fromkeys((one["engine"], one["how"]) for one in known)
        fronts_of = (
            _front([one for one in known if (one["engine"], one["how"]) == kind], self.height)
            for kind in kinds
        )
        return [found for found in fronts_of if len(found) > 1]

    @property
    def time_label(self):
        """Of the axis of time: what was modelled, what measured."""
        kinds = {one["how"] for one in self.drawn(self.candidates + self.baselines)}
        told = "modelled (open) and measured (filled)" if len(kinds) > 1 else kinds.pop()
        return f"microseconds a step, {told}"


def explored(exploration):
    """Look into an exploration.

    Parameters
    ----------
    exploration : Exploration or mapping
        The mapping: its `as_dict`, which may have come from JSON.

    Returns
    -------
    Explored

    Raises
    ------
    InputError
        Not an exploration, one without candidates, or a mapping that is not as `as_dict` makes
        it; the field is named.
    """
    told = as_mapping(exploration)
    missing = [name for name in _NEEDED if name not in told]
    if missing:
        problem = f"has no {missing[0]}"
        raise InputError("exploration", told, problem, _REMEDY)
    candidates, baselines = (
        given.points(f"exploration.{name}", told[name], _REMEDY)
        for name in ("candidates", "baselines")
    )
    for name in ("asked", "device"):
        given.text(f"exploration.{name}", told[name], _REMEDY)
    best = told["best"]
    if not candidates:
        raise InputError("candidates", [], "nothing to show", "explore further")
    if not isinstance(best, int) or isinstance(best, bool) or not 0 <= best < len(candidates):
        problem = f"not one of {len(candidates)} candidates"
        raise InputError("exploration.best", best, problem, "pass the index of one")
    height = "mse" if all(one["drop"] is None for one in candidates) else "drop"
    if not _known(candidates, height):
        raise InputError("candidates", len(candidates), "none has an error", "see mse")
    # of all: what has no place among the drawn keeps others off the front all the same
    known = _told(candidates, height)
    front = _front(known, height)
    return Explored(
        candidates=candidates,
        baselines=baselines,
        best=candidates[best],
        height=height,
        front=_known(front, height),
        asked=told["asked"],
        device=told["device"],
    )


def as_mapping(exploration):
    """`exploration`, or its `as_dict()`; raises `InputError` for what is neither."""
    if isinstance(exploration, Mapping):
        return exploration
    try:
        return exploration.as_dict()
    except AttributeError:
        raise InputError("exploration", exploration, "not an exploration", _REMEDY) from None


def _front(found, height):
    return fronts.front(found, itemgetter("microseconds"), itemgetter(height))


def _told(found, height):
    return [one for one in found if one[height] is not None and math.isfinite(one[height])]


def _known(found, height):
    return [one for one in _told(found, height) if height == "drop" or one[height]]
