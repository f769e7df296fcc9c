"""A bar chart: everyone's time at every shape, one thread."""

import io

from matplotlib import rc_context
from matplotlib.figure import Figure

OURS, PEER, FASTEST = "#1f77b4", "#c8c8c8", "#7f7f7f"
PANEL = (4.6, 3.1)  # inches
ROOM = 4.0  # the axis ends at this multiple of the longest bar, for its label


def svg(measurements, shapes, batches):
    """The chart as bytes of an SVG file, the same for the same measurements.

    Parameters
    ----------
    measurements : list of Measurement
        Those with one thread are drawn.
    shapes : sequence of str
        Names, a column for each.
    batches : sequence of int
        A row for each.

    Returns
    -------
    bytes
    """
    # text as text, and ids that do not change from run to run: small files, small differences
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "bench_cpu"}):
        written = io.BytesIO()
        _figure(measurements, shapes, batches).savefig(
            written, format="svg", metadata={"Date": None}
        )
    return written.getvalue()


def _figure(measurements, shapes, batches):
    tables = {(t.shape, t.batch): t for t in measurements if t.threads == 1}
    size = (PANEL[0] * len(shapes), PANEL[1] * len(batches))
    with rc_context({"font.size": 8}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(len(batches), len(shapes), squeeze=False)
        for row, batch in enumerate(batches):
            for column, shape in enumerate(shapes):
                _panel(axes[row, column], tables[shape, batch])
        figure.supxlabel("microseconds a call, and how many times faster than the fastest peer")
        return figure


def _panel(axis, table):
    names = table.ranking[::-1]
    times = [table.time(name) for name in names]
    ours = [table.competitors[name].ours for name in names]
    colours = [
        OURS if own else FASTEST if name == table.fastest_peer else PEER
        for own, name in zip(ours, names)
    ]
    labels = [f"pynq_lstm {name}" if own else name for own, name in zip(ours, names)]
    bars = axis.barh(labels, times, color=colours)
    axis.bar_label(
        bars,
        [f"{time:,.0f} us, {table.ratio(name)[0]:.2f}x" for time, name in zip(times, names)],
        padding=3,
    )
    axis.set_xscale("log")
    axis.set_xlim(min(times) / 2, max(times) * ROOM)
    axis.minorticks_off()
    axis.tick_params("y", length=0)
    axis.set_title(f"{table.shape}, batch {table.batch}")
    axis.spines[["top", "right"]].set_visible(False)
