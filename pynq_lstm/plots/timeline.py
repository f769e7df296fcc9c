"""What the processes of a kernel do in a step: a Gantt chart."""

from pynq_lstm.errors import InputError
from pynq_lstm.plots import given, marks
from pynq_lstm.plots.figure import axis

HATCHES = ("", "///", "...", "xxx")
HEIGHT = 0.72  # of a row of 1


def timeline(bars, ax=None, period=None):
    """Bars of work by process, the one that begins first on top; a colour for each pair.

    Parameters
    ----------
    bars : sequence
        Each with `process` (str), `pair` (int), `start` and `end` (cycles), such as
        `accelerator.timing.schedule` gives.
    ax : matplotlib Axes, optional
    period : float, optional
        Cycles from a step to the next, which begins while this one goes on: drawn as a line.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        No bar, one that ends before it starts, what is no bar, or a period that is no time; the
        field is named.
    MissingExtraError
        matplotlib is not installed.
    """
    remedy = "pass those of a step, as schedule gives them"
    bars = given.objects("bars", bars, ("process", "pair", "start", "end"), remedy)
    if not bars:
        raise InputError("bars", bars, "nothing to draw", "pass those of a step")
    for n, bar in enumerate(bars):
        given.text(f"bars[{n}].process", bar.process, remedy)
        for name in ("pair", "start", "end"):
            given.number(f"bars[{n}].{name}", getattr(bar, name), remedy)
        if bar.end < bar.start:
            remedy = "pass cycles that ascend"
            raise InputError(f"bars[{n}].end", bar.end, f"before its start {bar.start}", remedy)
    if period is not None:
        given.number("period", period, "pass the cycles from a step to the next", least=0)
    ax = axis(ax)
    ordered = sorted(bars, key=lambda bar: bar.start)
    rows = {name: row for row, name in enumerate(dict.fromkeys(bar.process for bar in ordered))}
    pairs = sorted({bar.pair for bar in bars})
    for place, pair in enumerate(pairs):
        colour, hatch = (choice[place % len(choice)] for choice in (marks.SERIES, HATCHES))
        own = [bar for bar in ordered if bar.pair == pair]
        ax.barh(
            [rows[bar.process] for bar in own],
            [bar.end - bar.start for bar in own],
            HEIGHT,
            [bar.start for bar in own],
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.5,
            label=f"pair {pair}",
        )
    if period is not None:
        ax.axvline(period, color=marks.BLACK, linestyle="--", linewidth=1)
        told = f"next step, {period:,.5g} cycles later"
        ax.text(period, 1.005, told, transform=ax.get_xaxis_transform(), ha="center", fontsize=8)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)  # downwards
    ax.set_xlabel("cycles, modelled")
    ax.set_title("One step by process, modelled", fontsize=10, pad=16 if period else None)
    ax.grid(True, axis="x", alpha=0.25)
    ax.set_axisbelow(True)
    if len(pairs) > 1:
        ax.legend(fontsize=8)
    return ax
