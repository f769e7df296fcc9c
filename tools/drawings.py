"""Draw the three drawings of docs/concepts.md: python tools/drawings.py [FOLDER].

Hand-made SVG on a light ground of its own, so that a dark page shows it as well.
"""

import sys
from pathlib import Path

import numpy as np
from svg import Drawing

from pynq_lstm.block_mask import blocks, mask, row_index

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "drawings"
INPUT, HIDDEN, SIGMA, EDGE, ABSENT = "#cfe4f5", "#fde2bd", "#cdeadb", "#eceff3", "#ffffff"
SCALARS = "#f4cfe0"
CLASSES = ("#cfe4f5", "#fde2bd", "#cdeadb", "#f4cfe0")


def accelerator():
    """ReadX, the two parts with their units, Sigma, WriteH, and h on its way back."""
    d = Drawing(880, 365, "The accelerator: ReadX, InputPart, HiddenPart, Sigma and WriteH")
    d.box(20, 60, 110, 190, EDGE, "memory", "x, images,", "states")
    d.box(170, 73, 90, 70, EDGE, "ReadX")
    d.box(750, 60, 110, 190, EDGE, "memory", "h, c, report")
    d.box(630, 115, 80, 80, EDGE, "WriteH")
    parts = (("InputPart: x", 40, INPUT, "x"), ("HiddenPart: h", 185, HIDDEN, "h"))
    for title, y, colour, name in parts:
        d.frame(295, y, 190, 110, colour, title)
        for n, (unit, does) in enumerate((("U", f"u · {name}"), ("S", "× s = p"), ("V", "Σ p v"))):
            d.box(305 + 60 * n, y + 38, 50, 60, "#ffffff", unit, does, small=True)
        d.arrow((355, y + 68), (365, y + 68))
        d.arrow((415, y + 68), (425, y + 68))
    d.box(530, 105, 70, 100, SIGMA, "Sigma", "gates", "c, h")
    d.arrow((130, 108), (170, 108))
    d.arrow((260, 108), (305, 108))
    d.arrow((475, 108), (510, 108), (510, 135), (530, 135))
    d.arrow((475, 253), (510, 253), (510, 175), (530, 175))
    d.arrow((600, 155), (630, 155))
    d.arrow((710, 155), (750, 155))
    d.arrow((550, 205), (550, 318), (280, 318), (280, 253), (305, 253))
    d.text(415, 312, "feedback: h is an input of the next step", size=12)
    d.arrow((580, 205), (580, 345), (215, 345), (215, 143))
    d.text(397, 339, "h of another LSTM, where one reads it", size=12)
    return d


def svdn():
    """N matrices as shared vectors with scalars of their own, and what a step does with them."""
    d = Drawing(880, 400, "SVDn: vectors u and v that all models share, a scalar s for each")
    d.text(20, 28, "One gate of two models, compressed", anchor="start", bold=True)
    for n, (colour, top) in enumerate(((INPUT, 50), (HIDDEN, 130))):
        d.box(20, top, 110, 60, colour, f"W{n + 1}")
    d.text(165, 126, "≈", size=26)
    for r, left in enumerate((200, 420)):
        _component(d, left, r + 1)
        d.text(left + (202, 212)[r], 126, ("+", "+ …")[r], size=22)
    d.box(665, 50, 14, 14, "#8fb4d6")
    d.text(686, 62, "present tile", anchor="start", size=12)
    d.box(665, 74, 14, 14, ABSENT, dashed=True)
    d.text(686, 86, "absent tile: not computed", anchor="start", size=12)
    d.text(665, 116, "u, v: shared by the models", anchor="start", size=12)
    d.text(665, 136, "s: one number a model", anchor="start", size=12)
    d.text(665, 156, "first k components:", anchor="start", size=12)
    d.text(665, 173, "a model as well", anchor="start", size=12)
    d.text(20, 248, "A step of model j", anchor="start", bold=True)
    chain = (
        (20, 90, INPUT, "xⱼ or hⱼ", "codes"),
        (150, 130, EDGE, "U unit", "d = u · x"),
        (330, 150, SCALARS, "S unit", "p = round(d s)"),
        (530, 130, EDGE, "V unit", "sum of p v"),
        (710, 150, SIGMA, "bias, curves", "gates of model j"),
    )
    for n, (left, width, colour, title, does) in enumerate(chain):
        d.box(left, 275, width, 70, colour, title, does)
        if n:
            before = chain[n - 1]
            d.arrow((before[0] + before[1], 310), (left, 310))
    d.text(215, 366, "present tiles of u", size=12)
    d.text(405, 366, "one product a component", size=12)
    d.text(595, 366, "present tiles of v", size=12)
    return d


def _component(d, left, r):
    """A column u in tiles, a scalar for each model, a row v in tiles."""
    absent_u, absent_v = (2, 0), (1, 3)
    for t in range(4):
        gone = t == absent_u[r - 1]
        d.box(left, 62 + 32 * t, 26, 30, ABSENT if gone else "#8fb4d6", dashed=gone)
        gone = t == absent_v[r - 1]
        d.box(left + 88 + 24 * t, 105, 22, 26, ABSENT if gone else "#8fb4d6", dashed=gone)
    for n, colour in enumerate((INPUT, HIDDEN)):
        d.box(left + 38, 76 + 50 * n, 40, 34, colour, f"s{r}{n + 1}")
    d.text(left + 13, 54, f"u{r}")
    d.text(left + 135, 97, f"v{r}ᵀ")


def block_diagonal(rows=8, columns=8, rank=4):
    """A permuted diagonal, its columns' scales, and the dense blocks that it sorts into."""
    d = Drawing(880, 445, "A permuted block-diagonal matrix, as it is and sorted into dense blocks")
    cell, top = 30, 90
    present, kept = mask(rows, columns, rank), row_index(np.arange(columns), rank)
    d.text(60, 30, f"One weight in p = {rank} is kept", anchor="start", bold=True)
    _grid(d, 60, top, cell, present, kept, range(rows), range(columns))
    d.text(60 + columns * cell / 2, 66, "column k", size=12)
    d.text(48, top - 6, "row", size=12)
    below = top + rows * cell + 22
    for k in range(columns):
        d.box(60 + cell * k, below, cell, 30, CLASSES[kept[k]], f"m{k}", small=True)
    d.text(60, below + 54, "a scale for each column: x'ₖ = round(xₖ mₖ)", anchor="start", size=12)
    d.text(60, below + 74, "colour: the residue of the rows that it keeps", anchor="start", size=12)
    d.text(395, 215, "sorted", size=13)
    d.arrow((350, 225), (440, 225))
    sorted_rows = [int(i) for block, _ in blocks(rows, columns, rank) for i in block]
    sorted_columns = [int(k) for _, block in blocks(rows, columns, rank) for k in block]
    d.text(500, 30, "The same weights: dense blocks", anchor="start", bold=True)
    _grid(d, 500, top, cell, present, kept, sorted_rows, sorted_columns)
    x = 500 + columns * cell + 8
    d.text(500, below + 20, "rows of residue r meet the columns", anchor="start", size=12)
    d.text(500, below + 38, "of class r only, and all of them:", anchor="start", size=12)
    d.text(500, below + 56, "no index is stored for a weight", anchor="start", size=12)
    for r in range(rank):
        d.text(x, top + (2 * r + 1) * cell + 4, f"rows ≡ {r}", anchor="start", size=12)
    return d


def _grid(d, left, top, cell, present, kept, rows, columns):
    """The elements of a matrix in an order of rows and columns; numbers at the edges."""
    for y, i in enumerate(rows):
        d.text(left - 12, top + cell * y + 20, str(i), size=11)
        for x, k in enumerate(columns):
            colour = CLASSES[kept[k]] if present[i, k] else ABSENT
            d.box(left + cell * x, top + cell * y, cell, cell, colour)
    for x, k in enumerate(columns):
        d.text(left + cell * x + cell / 2, top - 6, str(k), size=11)


def main(folder=FOLDER):
    """Write the files."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for drawing in (accelerator, svdn, block_diagonal):
        text = drawing().text_of()
        (Path(folder) / f"{drawing.__name__}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
