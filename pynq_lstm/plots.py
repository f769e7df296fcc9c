"""Pictures; every function takes and returns a matplotlib axis. Extra: ``pynq-lstm[plots]``."""

from itertools import groupby

from pynq_lstm.errors import MissingExtraError

_DROPS = (-100, -10, -1, 0, 0.5, 1, 2, 5, 10, 20, 50, 100)  # labelled on the vertical axis


def axis(ax=None):
    """`ax`, or a new axis of a figure that needs no display.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError(
            "matplotlib", None, "not installed", "pip install 'pynq-lstm[plots]'"
        ) from None
    return Figure(figsize=(7, 4.5), dpi=120, layout="constrained").add_subplot()


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


def search(found, ax=None):
    """What a search tried: drop, or weight error, against bytes, and the best at every size.

    Parameters
    ----------
    found : SearchResult
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes
    """
    ax = axis(ax)
    validated = found.chosen.drop is not None
    label = "drop on validation data, points" if validated else "relative error of the weights"
    ax.set_xscale("log")  # before anything is drawn: margins are of the scale then
    if validated:
        ax.set_yscale("symlog", linthresh=1)
    else:
        ax.set_yscale("log")

    def height(trial):
        return trial.drop if validated else trial.relative_error

    names = list(dict.fromkeys(map(_family, found.tried)))
    for n, name in enumerate(names):
        own = [trial for trial in found.tried if _family(trial) == name]
        marker = "os^Dv*"[n % 6]
        ax.plot([t.bytes for t in own], [height(t) for t in own], marker, label=name)
    front, least = [], None
    for trial in sorted(found.tried, key=lambda t: (t.bytes, height(t))):
        if least is None or height(trial) < least:
            least = height(trial)
            front.append((trial.bytes, least))
    ax.step(*zip(*front), where="post", color="grey", linewidth=0.8)
    place = found.chosen.bytes, height(found.chosen)
    ax.annotate("chosen", place, xytext=(6, 6), textcoords="offset points")
    ax.set_xlabel("stored bytes")
    ax.set_ylabel(label)
    ax.set_title(found.asked, fontsize=9)
    ax.grid(True, alpha=0.3)
    ax.legend(fontsize=8)
    return ax


def _family(trial):
    """Method, width, solver, and whether tiles are pruned."""
    options = trial.options
    tiles = "tiles pruned" if options.get("zero_v_tiles") or options.get("zero_u_tiles") else ""
    told = options["method"], f"{options.get('weight_bits', 8)} bits", tiles, options.get("solver")
    return ", ".join(text for text in told if text)


def save(ax, path):
    """Write the figure of `ax` as PNG."""
    ax.figure.savefig(path)


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
