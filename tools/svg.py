"""Boxes, arrows and words as SVG: as much of it as tools/drawings.py needs."""

from html import escape

LINE, GROUND = "#33414f", "#fbfcfd"
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>{title}</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="5" markerHeight="5" \
orient="auto"><path d="M0 0L8 4L0 8z" fill="{line}"/></marker></defs>
<rect width="{width}" height="{height}" rx="8" fill="{ground}" stroke="#c9d1d9"/>
<g font-family="sans-serif" text-anchor="middle" fill="#17202a">
"""


class Drawing:
    """A drawing of a size in pixels; `title` is what it is to a reader who does not see it."""

    def __init__(self, width, height, title):
        self._parts = [
            _HEAD.format(width=width, height=height, title=escape(title), line=LINE, ground=GROUND)
        ]

    def box(self, x, y, width, height, fill, *words, small=False, dashed=False):
        """A rectangle with lines of words in its middle, the first of them bold."""
        style = ' stroke-dasharray="3 3"' if dashed else ""
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="{fill}" '
            f'stroke="{LINE}"{style}/>\n'
        )
        first = y + height / 2 + 5 - 9 * (len(words) - 1)
        for n, word in enumerate(words):
            size = (15, 13)[small] if n == 0 else (12, 11)[small]
            self.text(x + width / 2, first + 18 * n, word, size=size, bold=n == 0 and not small)

    def frame(self, x, y, width, height, fill, title):
        """A rectangle that holds others, with its name at the top."""
        self.box(x, y, width, height, fill)
        self.text(x + width / 2, y + 24, title, bold=True)

    def arrow(self, *points):
        """A line through points, with a tip that ends a pixel before the last, at a box's edge."""
        *before, (x, y) = points
        back = 3 / max(abs(x - before[-1][0]), abs(y - before[-1][1]))  # the tip covers the end
        end = tuple(to - back * (to - off) for to, off in zip((x, y), before[-1]))
        way = " ".join(f"{x:g},{y:g}" for x, y in (*before, end))
        self._parts.append(
            f'<polyline points="{way}" fill="none" stroke="{LINE}" stroke-width="1.6" '
            'marker-end="url(#tip)"/>\n'
        )

    def text(self, x, y, words, size=14, anchor="middle", bold=False):
        """A line of words; y is its baseline."""
        more = ' font-weight="bold"' * bold + f' text-anchor="{anchor}"' * (anchor != "middle")
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}"{more}>{escape(words)}</text>\n'
        )

    def text_of(self):
        """The file's text."""
        return "".join([*self._parts, "</g>\n</svg>\n"])
