"""What an exploration found: time against accuracy drop, the front, the best, the baselines."""

from pynq_lstm.plots import marks, ticks
from pynq_lstm.plots.explored import LABELS, explored
from pynq_lstm.plots.figure import axis

MEASURED = "measured"


def front(exploration, ax=None):
    """Time against accuracy drop, or against the error of the weights without validation.

    Modelled points are open, measured ones filled. A baseline of several points is a dotted line.

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
    front_x, front_y = ([one[key] for one in shown.front] for key in ("microseconds", height))
    ax.step(front_x, front_y, where="post", color=marks.GREY, linewidth=1.2, label="front")
    for found, line, size in ((own, "", 5), (others, ":", 8)):
        for engine in dict.fromkeys(one["engine"] for one in found):
            group = [one for one in found if one["engine"] == engine]
            _series(ax, group, height, line, size)
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


def _series(ax, group, height, line, size):
    mark = marks.mark(group[0]["engine"])
    group = sorted(group, key=lambda one: one["microseconds"])
    x, y = [one["microseconds"] for one in group], [one[height] for one in group]
    if line and len(group) > 1:
        ax.plot(x, y, line, color=mark.colour, linewidth=1)
    label = mark.label
    for filled in (False, True):
        chosen = [n for n, one in enumerate(group) if (one["how"] == MEASURED) == filled]
        if not chosen:
            continue
        ax.plot(
            [x[n] for n in chosen],
            [y[n] for n in chosen],
            linestyle="",
            marker=mark.marker,
            markersize=size,
            color=mark.colour,
            markerfacecolor=mark.colour if filled else "white",
            label=label,
        )
        label = None  # once in the legend


def _ring(ax, best, height):
    place = best["microseconds"], best[height]
    ring = {"markersize": 14, "markerfacecolor": "none", "markeredgewidth": 1.6}
    ax.plot(*place, "o", color=marks.BLACK, label="best", **ring)
