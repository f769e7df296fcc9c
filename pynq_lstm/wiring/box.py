"""Boxes of a network's picture, before they have a place."""

from dataclasses import dataclass
from typing import Tuple

ROW, MARGIN = 0.42, 0.1  # of a port, a layer, a line of text


@dataclass(frozen=True)
class Port:
    """A row on the left of a box, where an arrow ends."""

    source: str
    label: str


@dataclass(frozen=True)
class Box:
    """What is drawn of an input, a model or the head.

    Attributes
    ----------
    kind : str
        "input", "model" or "head".
    title, note : str
    layers : tuple of tuple of str
        Rows of a model from the bottom up, each with a text for every direction.
    parts : tuple of tuple of Port
        What is concatenated, of what is added.
    """

    kind: str
    title: str
    note: str = ""
    layers: Tuple[Tuple[str, ...], ...] = ()
    parts: Tuple[Tuple[Port, ...], ...] = ()

    @property
    def ports(self):
        """All ports, from the top down."""
        return [port for part in self.parts for port in part]

    @property
    def height(self):
        """In units of the picture."""
        inside = 1 + bool(self.note) + len(self.layers)
        return ROW * max(inside, len(self.ports)) + 2 * MARGIN

    def offset(self, row):
        """Of a port from the centre, downwards."""
        return ROW * (row - (len(self.ports) - 1) / 2)
