"""The rows: ways to spend a share of the parameters, and how each is asked for."""

from dataclasses import dataclass, field
from typing import Dict, Tuple

from benchmarks.compression import fashion, vowels

SHARES = (8.5, 4.2, 2.1)  # percent of the elements of the weight matrices, at most
LIMITS = {8.5: 0.5, 4.2: 2.0}  # points of drop that the goals allow

GREEDY = "greedy per gate"
SEPARATE = "separate SVDs (SVD1)"
BCD = "bcd per gate"
STACKED = "gate-stacked"
WORDS = "allotted words"
CONTROL, WHOLE = "float, tuned alike", 100.0  # what the tuning itself does to the float network


@dataclass(frozen=True)
class Row:
    """One way to compress.

    Attributes
    ----------
    options : dict
        Of ``fine_tune``, beside the components.
    alone : bool
        Each LSTM has components of its own: no sharing.
    stacked : bool
        Whose refinements are those of the stacked form.
    words : bool
        Words are asked for instead of refinements.
    control : bool
        Nothing is compressed.
    """

    options: Dict[str, str] = field(default_factory=dict)
    alone: bool = False
    stacked: bool = False
    words: bool = False
    control: bool = False


ROWS = {
    GREEDY: Row(),
    SEPARATE: Row(alone=True),
    BCD: Row({"solver": "bcd"}),
    STACKED: Row({"solver": "bcd", "form": "stacked"}, stacked=True),
    WORDS: Row({"solver": "bcd"}, words=True),
    CONTROL: Row(control=True),
}


@dataclass(frozen=True)
class Set:
    """A task with what is measured on it.

    Attributes
    ----------
    make : callable
        ``make(options, seed)``, a `task.Task`.
    rows : tuple of str
    per_gate, stacked : dict
        Refinements (input part's, hidden part's) by share, as many as it allows; None where not
        even one does.
    epochs : int
        Of tuning.
    goal : bool
        Whether the goals are of this network.
    recipe : tuple
        What else decides a result: how the dense network is trained, and noise.
    """

    make: object
    rows: Tuple[str, ...]
    per_gate: dict
    stacked: dict
    epochs: int
    rate: float
    goal: bool = False
    recipe: tuple = ()


_FASHION = (
    {8.5: (8, 8), 4.2: (4, 4), 2.1: (2, 2)},
    {8.5: (9, 13), 4.2: (5, 6), 2.1: (2, 3)},
)
SETS = {
    "JapaneseVowels": Set(
        vowels.task,
        (GREEDY, BCD, STACKED, WORDS, CONTROL),  # one LSTM shares with nobody
        {8.5: (3, 3), 4.2: (2, 1), 2.1: None},
        {8.5: (3, 5), 4.2: (2, 2), 2.1: (1, 1)},
        60,
        3e-2,
        goal=True,  # the second task of the same goals
        recipe=vowels.RECIPE,
    ),
    "Fashion-MNIST": Set(fashion.shipped, tuple(ROWS), *_FASHION, 4, 2e-2, goal=True),
    "ordinary Fashion-MNIST": Set(
        fashion.ordinary,
        tuple(ROWS),
        *_FASHION,
        4,
        2e-2,
        recipe=(fashion.ORDINARY_EPOCHS,),
    ),
}


def settings(name, row, share, dense_words):
    """Arguments of ``fine_tune`` for a row, or None where the share is too small for it."""
    known, row = SETS[name], ROWS[row]
    common = dict(row.options, epochs=known.epochs, learning_rate=known.rate)
    if row.control:
        return common
    pair = (known.stacked if row.stacked else known.per_gate)[share]
    if pair is None:
        return None
    if row.words:
        return {**common, "words": int(share * dense_words / 100)}
    if row.alone:
        pair = tuple(count // 2 for count in pair)  # of each of two LSTMs
    return {**common, "refinements": pair}
