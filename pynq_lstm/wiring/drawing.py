"""Boxes and arrows that have their places, to matplotlib."""

from pynq_lstm import plots
from pynq_lstm.wiring.box import MARGIN, ROW

WIDTHS = {"input": 0.9, "model": 1.9, "head": 1.3}
FILLS = {"input": "#eeeeee", "model": "#dbe9f6", "head": "#e3f1dd"}
STRIP, BAR, LINE, GREY = "#ffffff", "#7a9cc0", "#44505c", "#5f6b76"
BEND = 0.9  # between columns, where arrows change their height
SUM, BAR_WIDTH, STUB = 0.13, 0.13, 0.28  # radius; width; what an arrow needs beside them
LETTER, TITLE = 0.088, 9.5  # length of a letter of a label; points
EDGE = 0.25  # around the picture
INCHES = 0.62  # of a unit


def draw(boxes, edges, columns, ax=None):
    """Draw a layout.

    Parameters
    ----------
    boxes : list of (Box, Place)
    edges : list of Edge
    columns : list of list of Place
    ax : matplotlib Axes, optional

    Returns
    -------
    Axes
    """
    return _Drawing(boxes, columns, ax).draw(edges)


class _Drawing:
    def __init__(self, boxes, columns, ax):
        self.boxes, self.resize = boxes, ax is None
        self.ax = plots.axis(ax)
        self.box_of = {id(place): box for box, place in boxes}
        # of each column: where arrows arrive, where its boxes begin, where they all have ended
        self.starts, self.lefts, self.ends, x = [], [], [], -BEND
        for column in columns:
            found = [self.box_of[id(p)] for p in column if id(p) in self.box_of]
            self.starts.append(x + BEND)
            self.lefts.append(x + BEND + max(map(_run, found)))
            x = self.lefts[-1] + max(WIDTHS[box.kind] for box in found)
            self.ends.append(x)
        self.top = min(p.y - p.height / 2 for column in columns for p in column)
        self.bottom = max(p.y + p.height / 2 for column in columns for p in column)

    def draw(self, edges):
        for edge in edges:
            self._edge(edge)
        for box, place in self.boxes:
            self._ports(box, place)
            self._box(box, place)
        limits = -EDGE, self.ends[-1] + EDGE, self.bottom + EDGE, self.top - EDGE
        self.ax.set_xlim(*limits[:2])
        self.ax.set_ylim(*limits[2:])  # downwards
        self.ax.set_aspect("equal")
        self.ax.set_axis_off()
        if self.resize:
            size = limits[1] - limits[0], limits[2] - limits[3]
            self.ax.figure.set_size_inches(*(INCHES * length for length in size))
        return self.ax

    def _edge(self, edge):
        """From the box on the left to where the label of the port begins."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        box = self.box_of[id(edge.source)]
        column = edge.source.column
        y = edge.source.y
        points, codes = [(self.lefts[column] + WIDTHS[box.kind], y)], [Path.MOVETO]
        for place in (*edge.through, edge.target):
            left, right = self.ends[column], self.starts[place.column]
            to = place.y + (edge.offset if place is edge.target else 0)
            middle = (left + right) / 2
            points += [(left, y), (middle, y), (middle, to), (right, to)]
            codes += [Path.LINETO] + [Path.CURVE4] * 3
            column, y = place.column, to
        self.ax.add_patch(PathPatch(Path(points, codes), fill=False, edgecolor=LINE, linewidth=1.1))

    def _ports(self, box, place):
        """Labels, sums and the bar of a concatenation, up to the left of a box."""
        start, left = self.starts[place.column], self.lefts[place.column]
        end = left - (BAR_WIDTH if len(box.parts) > 1 else 0)
        row = 0
        for part in box.parts:
            rows = [place.y + box.offset(row + n) for n in range(len(part))]
            row += len(part)
            middle = (rows[0] + rows[-1]) / 2
            for port, y in zip(part, rows):
                self.ax.text(start, y - 0.04, port.label, size=7.5, color=GREY, va="bottom")
            if len(part) == 1:
                self._arrow((start, middle), (end, middle))
            else:
                self._sum(start, rows, middle, end)
            if len(box.parts) > 1:
                self._bar(end, rows)

    def _sum(self, start, rows, middle, end):
        from matplotlib.patches import Circle

        centre = end - STUB - SUM
        for y in rows:
            x = centre - SUM - STUB
            self.ax.plot([start, x, centre], [y, y, middle], color=LINE, linewidth=1.1, zorder=1)
        self._arrow((centre, middle), (end, middle))
        self.ax.add_patch(
            Circle(
                (centre, middle), SUM, facecolor="white", edgecolor=LINE, linewidth=1.1, zorder=3
            )
        )
        for x, y in ((SUM / 2, 0), (0, SUM / 2)):
            ends = [centre - x, centre + x], [middle - y, middle + y]
            self.ax.plot(*ends, color=LINE, linewidth=1.1, zorder=4)

    def _bar(self, x, rows):
        top, bottom = rows[0] - ROW / 2, rows[-1] + ROW / 2
        self._rectangle(x, top + 0.02, BAR_WIDTH, bottom - top - 0.04, BAR, "none", 0.04)

    def _box(self, box, place):
        x, top = self.lefts[place.column], place.y - place.height / 2
        width = WIDTHS[box.kind]
        self._rectangle(x, top, width, place.height, FILLS[box.kind], LINE, 0.1)
        lines = 1 + bool(box.note) + len(box.layers)
        y = place.y - ROW * lines / 2 + ROW / 2
        centred = {"ha": "center", "va": "center_baseline", "zorder": 5}
        size = TITLE * min(1, WIDTHS["model"] / (LETTER * 1.6 * len(box.title)))
        self.ax.text(x + width / 2, y, box.title, size=size, weight="bold", **centred)
        if box.note:
            y += ROW
            self.ax.text(x + width / 2, y - 0.05, box.note, size=7.5, color=GREY, **centred)
        for row in box.layers[::-1]:  # the first layer at the bottom
            y += ROW
            each = (width - MARGIN) / len(row)
            for n, text in enumerate(row):
                left = x + MARGIN + n * each
                inner = each - MARGIN
                self._rectangle(left, y - ROW / 2 + 0.03, inner, ROW - 0.06, STRIP, BAR, 0.05)
                self.ax.text(left + inner / 2, y, text, size=8, **centred)

    def _arrow(self, begin, end):
        self.ax.annotate(
            "",
            end,
            begin,
            arrowprops={
                "arrowstyle": "-|>",
                "color": LINE,
                "linewidth": 1.1,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 9,
            },
            zorder=2,
        )

    def _rectangle(self, x, y, width, height, fill, line, radius):
        from matplotlib.patches import FancyBboxPatch

        style = f"round,pad=0,rounding_size={radius}"
        self.ax.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                style,
                facecolor=fill,
                edgecolor=line,
                linewidth=0.9,
                zorder=2,
            )
        )


def _run(box):
    """Length of the ports on the left of a box."""
    if not box.parts:
        return 0.0
    longest = LETTER * max(len(port.label) for port in box.ports)
    added = any(len(part) > 1 for part in box.parts)
    return longest + STUB + (2 * SUM + 2 * STUB if added else 0) + BAR_WIDTH
