"""How far the error of the weights tells the drop of accuracy."""

import math

import numpy as np

from pynq_lstm.errors import InputError
from pynq_lstm.plots import given, marks, ticks
from pynq_lstm.plots.figure import axis


def drop_against_mse(candidates, ax=None):
    """Accuracy drop against the mean squared error of the weights, and their rank correlation.

    A model that runs on several designs is one point; one that was not validated, or has no
    error, is none.

    Parameters
    ----------
    candidates : sequence of Candidate
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        No candidate has both, or something else than candidates.
    MissingExtraError
        matplotlib is not installed.
    """
    remedy = "pass the candidates of an Exploration"
    candidates = given.objects("candidates", candidates, ("engine", "drop", "mse"), remedy)
    for n, one in enumerate(candidates):
        given.text(f"candidates[{n}].engine", one.engine, remedy)
        for name, least in (("drop", None), ("mse", 0)) if one.drop is not None else ():
            given.real(f"candidates[{n}].{name}", getattr(one, name), remedy, least)
    models = {}
    for one in candidates:
        if one.drop is not None and math.isfinite(one.drop) and 0 < one.mse < math.inf:
            models.setdefault((one.engine, one.mse, one.drop), one)
    if not models:
        problem, remedy = "none has both a drop and an error", "explore with validation data"
        raise InputError("candidates", len(candidates), problem, remedy)
    ax = axis(ax)
    found = list(models.values())
    for engine in dict.fromkeys(one.engine for one in found):
        group, mark = [one for one in found if one.engine == engine], marks.mark(engine)
        x, y = [one.mse for one in group], [one.drop for one in group]
        ax.plot(x, y, mark.marker, color=mark.colour, markerfacecolor="white", label=mark.label)
    errors, drops = [one.mse for one in found], [one.drop for one in found]
    ticks.logarithmic(ax.xaxis, min(errors), max(errors))
    ticks.of_drops(ax.yaxis, drops)
    ax.axhline(0, color=marks.GREY, linewidth=0.6, zorder=0)
    ax.set_xlabel("mean squared error of the weights")
    ax.set_ylabel("accuracy drop, points")
    related = rank_correlation(errors, drops)
    told = "not defined" if related is None else f"{related:.2f}"
    ax.set_title(
        f"Accuracy drop against weight error: rank correlation {told}, {len(found)} models",
        fontsize=10,
    )
    ax.grid(True, alpha=0.25)
    ax.legend(fontsize=8)
    return ax


def rank_correlation(first, second):
    """Spearman's: that of the ranks, equal values sharing the mean of theirs.

    Parameters
    ----------
    first, second : sequence of float
        Of one length.

    Returns
    -------
    float or None
        -1 to 1; None where one of them has fewer than two different values.
    """
    if not len(first):
        return None
    ranks = [_ranks(np.asarray(values, float)) for values in (first, second)]
    x, y = (values - values.mean() for values in ranks)
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale else None


def _ranks(values):
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place.reshape(-1)]
