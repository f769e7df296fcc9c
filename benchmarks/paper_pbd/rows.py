"""The rows of Table I, the float networks beside them, and what is trained together."""

from dataclasses import dataclass
from typing import Tuple

from benchmarks.paper_pbd.language_model import FloatLayer, LanguageModels
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.fine_tuning.direction import Direction

SIZE, RANK = 200, 4  # of embedding and hidden state; p
WIDTHS = ((2, 8), (4, 4), (4, 6), (4, 8), (8, 8))  # (bitsW, bitsA) of Table I
TABLE = tuple(f"{q}-{w}-{a}" for q in ("nlq", "tlq") for w, a in WIDTHS)
# dense and pruned float networks; (4, 8) with the run-time maximum of eq. (12), and with gates
# and cell of 8 bits as well
OTHERS = ("dense", "pruned", "nlq-4-8-maximum", "nlq-4-8-narrow")
ROWS = TABLE + OTHERS
TEACHER = "dense"


@dataclass(frozen=True)
class Way:
    """Another way to train a network: with the trained dense one of the same seed.

    Attributes
    ----------
    network : str
        The row as which it computes.
    start : bool
        It starts from the dense network's weights, instead of fresh ones.
    distilled : bool
        It learns from the dense network's predictions as well.
    """

    network: str
    start: bool = False
    distilled: bool = False


WAYS = {
    "dense-again": Way("dense", start=True),  # what a second schedule alone gives
    "nlq-4-8-from-dense": Way("nlq-4-8", start=True),
    "nlq-4-8-distilled": Way("nlq-4-8", distilled=True),
    "nlq-4-8-from-dense-distilled": Way("nlq-4-8", start=True, distilled=True),
}
ALL = (*ROWS, *WAYS)


@dataclass(frozen=True)
class Task:
    """Models that one process trains side by side.

    Attributes
    ----------
    name : str
    models : tuple of (str, int)
        Row and seed of each.
    """

    name: str
    models: Tuple[Tuple[str, int], ...]


def tasks(rows, seeds, together):
    """What to train: side by side where one layer can hold them, or one model at a time."""
    if not together:
        return [Task(f"{row}_{seed}", ((row, seed),)) for seed in seeds for row in rows]
    groups = {}
    for row in rows:
        groups.setdefault("table" if row in TABLE else row, []).append(row)
    return [
        Task(name, tuple((row, seed) for row in members for seed in seeds))
        for name, members in groups.items()
    ]


def way(task):
    """The `Way` in which a task trains, or None: all its models are of one row then."""
    return WAYS.get(task.models[0][0])


def options(row):
    """`BlockDiagonalOptions` of a quantised row."""
    quantization, weight_bits, operand_bits, *more = row.split("-")
    narrow = {"gate_bits": 8, "cell_bits": 8} if more == ["narrow"] else {}
    return BlockDiagonalOptions(RANK, int(weight_bits), int(operand_bits), quantization, **narrow)


def make(task, vocabulary, schedule):
    """The `LanguageModels` of a task, with fresh weights."""
    rows, seeds = zip(*task.models)
    rows = [WAYS[row].network if row in WAYS else row for row in rows]
    if rows[0] in ("dense", "pruned"):
        layer = FloatLayer(SIZE, RANK if rows[0] == "pruned" else None)
    else:
        layer = Direction([options(row) for row in rows], rows[0].endswith("maximum"))
    # a pruned sum has p times fewer terms: with larger ones it starts as the dense one does
    gain = 1.0 if rows[0] == "dense" else RANK**0.5
    return LanguageModels(seeds, layer, vocabulary, SIZE, schedule, gain)
