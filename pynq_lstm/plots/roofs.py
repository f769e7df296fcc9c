"""The roofline of devices, and the designs below it (Williams et al., CACM 52(4), 2009)."""

import math

from pynq_lstm.errors import InputError
from pynq_lstm.plots import given, marks, ticks
from pynq_lstm.plots.figure import axis

COUNTED = ("executed", "effective")
MARK = 8  # points
CLOSE = 0.06  # of a decade
LONG = 40  # characters of a label that do not go side by side
LINES = ("-", "--", "-.", ":")
_OF_ROOF = ("device", "bits", "clock_mhz", "compute", "memory", "ridge")
_OF_POINT = ("name", "engine", "how", "intensity", "gops", "executed_intensity", "executed_gops")
MODELLED, ON_CHIP = "modelled", "on chip"


def roofline(roofs, points=(), ax=None, counted="executed"):
    """Attainable performance against operations for each byte of the board's memory.

    Points whose weights stay on the chip are filled, those whose weights are streamed are open. A
    point of which no traffic is stated is a line at its height, one of which no performance is
    stated a line at its place; one with neither is left out. Of what is not modelled the label
    says what it is.

    Parameters
    ----------
    roofs : sequence of accelerator.roofline.Roof
    points : sequence of accelerator.operating_points.Point, optional
    ax : matplotlib Axes, optional
    counted : str
        "executed": the operations that are carried out, which no roof lets through more of.
        "effective": those of the dense network, skipped ones included; points that skip may then
        lie above a roof, which is of executed ones.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        No roof, another way of counting, or what is no roof or point; the field is named.
    MissingExtraError
        matplotlib is not installed.
    """
    roofs = given.objects("roofs", roofs, _OF_ROOF, "pass those of accelerator.roofline")
    points = given.objects(
        "points", points, _OF_POINT, "pass those of accelerator.operating_points"
    )
    _check(roofs, points)
    if not roofs:
        raise InputError("roofs", roofs, "nothing to draw", "pass that of a device")
    if not isinstance(counted, str) or counted not in COUNTED:
        raise InputError("counted", counted, "not known", f"pass one of {', '.join(COUNTED)}")
    ax, own = axis(ax), ax is None
    told = [(one, *_place(one, counted)) for one in points]
    placed = [(one, x, y) for one, x, y in told if x and y]
    edges = [x for _, x, _ in told if x] + [roof.ridge for roof in roofs]
    low, high = min(edges) / 4, max(edges) * 4
    heights = [y for _, _, y in told if y]
    for n, roof in enumerate(roofs):
        line, colour = LINES[n % len(LINES)], marks.BLACK if n < len(LINES) else marks.GREY
        x = [low, roof.ridge, high]
        y = [roof.memory * low, roof.compute, roof.compute]
        ax.plot(x, y, line, color=colour, linewidth=1.6, label=_of_roof(roof))
        heights += y
    flat = [(one, y) for one, x, y in told if y and not x]
    upright = [(one, x) for one, x, y in told if x and not y]
    for draw, lines in ((ax.axhline, flat), (ax.axvline, upright)):
        for n, (one, at) in enumerate(sorted(lines, key=lambda line: -line[1])):
            how = {"color": marks.mark(one.engine).colour, "linestyle": (0, (2 + n, 2))}
            draw(at, linewidth=1, label=_of_point(one), **how)
    for n, (one, x, y) in enumerate(placed):
        mark = marks.mark(one.engine)
        face = mark.colour if getattr(one, "residence", ON_CHIP) in (None, ON_CHIP) else "white"
        # larger than those that lie on it, so that it shows beneath them
        covers = sum(_are_close((x, y), other[1:]) for other in placed[n + 1 :])
        shape = {"color": mark.colour, "markerfacecolor": face, "markersize": MARK + 6 * covers}
        ax.plot(x, y, mark.marker, linestyle="", label=_of_point(one), zorder=3, **shape)
    ticks.logarithmic(ax.xaxis, low, high, 0)
    ticks.logarithmic(ax.yaxis, min(heights), max(heights))
    ax.set_xlabel(f"{counted} operations for each byte of the board's memory")
    ax.set_ylabel(f"{counted} GOPS")
    ax.set_title("Roofline, modelled", fontsize=10)
    ax.grid(True, alpha=0.25)
    columns = 1 if any(len(_of_point(one)) > LONG for one in points) else 2
    if own:  # the legend is below, a fifth of an inch a line
        lines = -(-len(ax.get_legend_handles_labels()[1]) // columns)
        ax.figure.set_size_inches(7, 5 + lines / 5)
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}
    for line in ax.legend(fontsize=8, ncol=columns, frameon=False, **below).get_lines():
        line.set_markersize(MARK)
    return ax


def _check(roofs, points):
    """Raise `InputError` for a field that is not as a `Roof` or a `Point` has it."""
    remedy = "pass those of accelerator.roofline"
    for n, roof in enumerate(roofs):
        given.text(f"roofs[{n}].device", roof.device, remedy)
        for name in _OF_ROOF[1:]:
            given.number(f"roofs[{n}].{name}", getattr(roof, name), remedy, above=0)
    remedy = "pass those of accelerator.operating_points"
    for n, point in enumerate(points):
        for name in _OF_POINT[:3]:
            given.text(f"points[{n}].{name}", getattr(point, name), remedy)
        for name in _OF_POINT[3:]:
            value = getattr(point, name)
            if value is not None:
                given.number(f"points[{n}].{name}", value, remedy, least=0)


def _place(point, counted):
    if counted == "effective":
        return point.intensity, point.gops
    return point.executed_intensity, point.executed_gops


def _are_close(one, other):
    """Whether the marks of two points cover one another."""
    return all(abs(math.log10(a / b)) < CLOSE for a, b in zip(one, other))


def _of_roof(roof):
    clock = f"{roof.bits} bits at {roof.clock_mhz:g} MHz"
    return f"{roof.device}, {clock}: {roof.compute:,.0f} GOPS, {roof.memory:.3g} GB/s"


def _of_point(point):
    return point.name if point.how == MODELLED else f"{point.name} ({point.how})"
