"""Colours and marks that are told apart without colour, in print and by the colour-blind.

The colours are those of Okabe and Ito ("Color universal design", 2008). Baselines are black.
Needs no matplotlib: the HTML report of an exploration takes them too.
"""

from dataclasses import dataclass

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#222222", "#767676"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION)


@dataclass(frozen=True)
class Mark:
    """How an engine, or a baseline, is shown.

    Attributes
    ----------
    label : str
    colour : str
        Hexadecimal.
    marker : str
        matplotlib's letter.
    """

    label: str
    colour: str
    marker: str


ENGINES = {
    "svdn": Mark("SVDn", BLUE, "o"),
    "svd1": Mark("SVD1", VERMILLION, "s"),
    "block_diagonal": Mark("block-diagonal", GREEN, "^"),
    "dense": Mark("dense", PURPLE, "D"),
}
BASELINES = {
    "lstm_hw": Mark("LSTM-HW", BLACK, "P"),
    "svd1_hw": Mark("SVD1-HW", BLACK, "X"),
    "lstm_sw": Mark("LSTM-SW", BLACK, "v"),
    "svdn_sw": Mark("SVDn-SW", BLACK, "*"),
}


def mark(engine):
    """The `Mark` of an engine or baseline; one that is not known here is a grey dot."""
    found = ENGINES.get(engine) or BASELINES.get(engine)
    return found or Mark(str(engine), GREY, "h")
