"""A matplotlib axis to draw on, and its figure to a file."""

from pynq_lstm.errors import MissingExtraError


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


def save(ax, path):
    """Write the figure of `ax` as PNG."""
    ax.figure.savefig(path)
