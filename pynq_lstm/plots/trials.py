"""What a search of `budgets` tried."""

from pynq_lstm.plots import ticks
from pynq_lstm.plots.figure import axis


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

    def height(trial):
        return trial.drop if validated else trial.relative_error

    sizes = [trial.bytes for trial in found.tried]
    ticks.logarithmic(ax.xaxis, min(sizes), max(sizes))
    heights = [height(trial) for trial in found.tried]
    if validated:
        ticks.of_drops(ax.yaxis, heights)
    else:  # an error of 0 has no place on a logarithmic axis
        errors = [value for value in heights if value > 0] or [1]
        ticks.logarithmic(ax.yaxis, min(errors), max(errors))
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
