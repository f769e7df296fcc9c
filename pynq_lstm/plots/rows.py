"""The pictures of the demonstration: accuracy drop against weight error, and against time."""

from itertools import groupby

from pynq_lstm.plots.figure import axis

_DROPS = (-100, -10, -1, 0, 0.5, 1, 2, 5, 10, 20, 50, 100)  # labelled on the vertical axis


def accuracy_drop_against_error(rows, ax=None):
    """Accuracy drop against the mean squared error of the weights (Ribes et al. 2020).

    Parameters
    ----------
    rows : sequence of examples.rows.Row
        The compressed models; the float network is left out.
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes
    """
    ax = _scatter(axis(ax), rows, lambda row: row.mse)
    ax.set_xscale("log")
    ax.set_xlabel("mean squared error of the weights")
    ax.set_title("Accuracy drop against weight error")
    return ax


def accuracy_drop_against_time(rows, ax=None):
    """Accuracy drop against execution time (Ribes et al. 2020); arguments as above."""
    ax = _scatter(axis(ax), rows, lambda row: 1e6 * row.seconds_per_image)
    backend = {row.backend for row in rows if row.refinements}
    ax.set_xlabel(f"microseconds an image, one a call, measured on: {', '.join(sorted(backend))}")
    ax.set_title("Accuracy drop against execution time")
    return ax


def _scatter(ax, rows, horizontal):
    rows = [row for row in rows if row.refinements]
    for marker, (name, group) in zip("os^Dv*", groupby(rows, lambda row: row.name)):
        group = sorted(group, key=lambda row: row.refinements)
        x, drops = [horizontal(row) for row in group], [row.drop for row in group]
        ax.plot(x, drops, marker=marker, label=name, linewidth=1)
        for row, place in zip(group, zip(x, drops)):
            ax.annotate(
                row.refinements, place, fontsize=7, xytext=(5, 3), textcoords="offset points"
            )
    ax.axhline(0, color="grey", linewidth=0.8)
    # linear around 0, where the good models are, logarithmic above
    ax.set_yscale("symlog", linthresh=1)
    ax.set_ylim(min([-1.0] + [1.2 * row.drop for row in rows]), 110)
    ticks = [t for t in _DROPS if t >= ax.get_ylim()[0]]
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    ax.set_ylabel("accuracy drop, points")
    ax.grid(True, alpha=0.3)
    ax.legend(title="number: refinements R", fontsize=8, title_fontsize=8)
    return ax
