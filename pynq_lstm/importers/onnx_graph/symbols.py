"""Tensors whose elements are names: which element of which source stands where."""

from dataclasses import dataclass
from typing import List, Optional, Tuple

import numpy as np

NOTHING = -1  # adds nothing, beside what is added in another part of the tensor


@dataclass(frozen=True)
class Source:
    """Where elements come from.

    Attributes
    ----------
    kind : str
        "input", of the graph; "steps", "h" or "c", of an LSTM; "logits", of the head.
    name : str
        Of the tensor, for errors.
    base : int
        Number of its first element.
    shape : tuple of int
        An input's own; (time, direction, batch, units) of steps, (direction, batch, units) of
        h and c; of logits what the node gives.
    model : int, optional
        Which LSTM.
    backward : tuple of bool
        Of each direction of an LSTM.
    floating : bool
        False of integers.
    """

    kind: str
    name: str
    base: int
    shape: Tuple[int, ...]
    model: Optional[int] = None
    backward: Tuple[bool, ...] = ()
    floating: bool = True

    def ids(self):
        """Its elements, in its own shape."""
        count = int(np.prod(self.shape))
        return np.arange(self.base, self.base + count).reshape(self.shape)


@dataclass(frozen=True)
class Symbol:
    """A tensor that is not a constant.

    Attributes
    ----------
    addends : list of ndarray of int64
        All of one shape: numbers of elements, or `NOTHING`. The tensor is their sum.
    """

    addends: List[np.ndarray]

    @property
    def shape(self):
        """Of the tensor."""
        return self.addends[0].shape


class Sources:
    """All sources of a graph, and whose an element is."""

    def __init__(self):
        self.found = []
        self._next = 0

    def add(self, kind, name, shape, **more):
        """A new `Source` as a `Symbol` of its shape."""
        source = Source(kind, name, self._next, tuple(shape), **more)
        self._next += int(np.prod(source.shape))
        self.found.append(source)
        return Symbol([source.ids()])

    def of(self, ids):
        """Indices into `found`, of the shape of `ids`, none of which is `NOTHING`."""
        bases = np.array([source.base for source in self.found])
        return np.searchsorted(bases, ids, side="right") - 1

    def kinds(self, symbol):
        """The sources that a symbol has elements of."""
        present = np.zeros(len(self.found), bool)
        for ids in symbol.addends:
            present[self.of(ids[ids != NOTHING])] = True
        return [source for source, there in zip(self.found, present) if there]
