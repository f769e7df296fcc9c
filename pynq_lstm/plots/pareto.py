"""What an exploration found: time against accuracy drop, the front, the best, the baselines."""

from pynq_lstm.plots import marks, ticks
from pynq_lstm.plots.explored import LABELS, explored
from pynq_lstm.plots.figure import axis

MEASURED = "measured"


def front(exploration, ax=None):
    """Time against accuracy drop, or against the error of the weights without validation.

    Modelled points are open, measured ones filled. A baseline of several points has a dotted line
    along its own front, one of what is modelled and one of what is measured.

    Parameters
    ----------
    exploration : Exploration or mapping
        The mapping: its `as_dict`.
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        Not an exploration.
    MissingExtraError
        matplotlib is not installed.
    """
    shown = explored(exploration)
    ax = axis(ax)
    height = shown.height
    own, others = shown.drawn(shown.candidates), shown.drawn(shown.baselines)
    _steps(ax, shown.front, height, color=marks.GREY, linewidth=1.2, label="front")
    # the smaller marks are on top, so that a baseline at the same place does not hide them
    for found, size, above in ((own, 5, 2.2), (others, 8, 2.1)):
        for engine in dict.fromkeys(one["engine"] for one in found):
            _series(ax, [one for one in found if one["engine"] == engine], height, size, above)
    for found in shown.baseline_fronts:
        colour = marks.mark(found[0]["engine"]).colour
        _steps(ax, found, height, color=colour, linewidth=1, linestyle=":")
    if shown.best in own:
        _ring(ax, shown.best, height)
    heights = [one[height] for one in own + others]
    times = [one["microseconds"] for one in own + others]
    ticks.logarithmic(ax.xaxis, min(times), max(times))
    if height == "drop":
        ticks.of_drops(ax.yaxis, heights)
        ax.axhline(0, color=marks.GREY, linewidth=0.6, zorder=0)
    else:
        ticks.logarithmic(ax.yaxis, min(heights), max(heights))
    ax.set_xlabel(shown.time_label)
    ax.set_ylabel(LABELS[height])
    ax.set_title(shown.asked, fontsize=10, wrap=True)
    ax.grid(True, alpha=0.25)
    ax.legend(fontsize=8)
    return ax


def _steps(ax, front, height, **style):
    x, y = ([one[key] for one in front] for key in ("microseconds", height))
    ax.step(x, y, where="post", **style)


def _series(ax, group, height, size, above):
    mark = marks.mark(group[0]["engine"])
    label = mark.label
    for filled in (False, True):
        chosen = [one for one in group if (one["how"] == MEASURED) == filled]
        if not chosen:
            continue
        ax.plot(
            [one["microseconds"] for one in chosen],
            [one[height] for one in chosen],
            linestyle="",
            marker=mark.marker,
            markersize=size,
            color=mark.colour,
            markerfacecolor=mark.colour if filled else "white",
            label=label,
            zorder=above,
        )
        label = None  # once in the legend


def _ring(ax, best, height):
    place = best["microseconds"], best[height]
    ring = {"markersize": 14, "markerfacecolor": "none", "markeredgewidth": 1.6}
    ax.plot(*place, "o", color=marks.BLACK, label="best", **ring)
