"""Initial states that a graph takes as inputs, for which ``state=`` stands.

``state=`` can stand for an input only if it is a state and nothing else: no LSTM reads it as X, and
its rows are those of the layers, in their order. PyTorch exports one input of the states of all
layers, of which each node reads its own rows.
"""

from typing import NamedTuple

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.onnx_graph.symbols import Symbol

SIDES = ("initial_h", "initial_c")
_REMEDY = "make it an input of the graph, and pass it as state= to infer"


class Rows(NamedTuple):
    """Rows of a graph input of (rows, batch, hidden), which are the states of a node's directions.

    Attributes
    ----------
    source : Source
    start, rows, total : int
        The first row, how many from there on, and how many the input has.
    """

    source: object
    start: int
    rows: int
    total: int

    @property
    def whole(self):
        """Whether the node reads all of the input."""
        return self.rows == self.total


def read(field, state, batch_first, sources, directions, hidden):
    """The state of a node.

    Parameters
    ----------
    field : str
        For errors.
    state : ndarray, Symbol or None
        (directions, batch, hidden) or, batch first, (batch, directions, hidden).
    batch_first : bool
    sources : Sources
    directions, hidden : int
        Of the node. The batch is not held against that of X: names and sizes of open axes are
        those of each input, and ``infer`` checks the states it gets.

    Returns
    -------
    Rows or None
        None of zeros.

    Raises
    ------
    NetworkError
        A constant other than zero, something that is computed from what the graph reads, or
        other rows or another width than the node takes.
    """
    if state is None or isinstance(state, np.ndarray) and not np.any(state):
        return None
    if not isinstance(state, Symbol):
        raise NetworkError(
            field,
            state,
            "an initial state that is a constant other than zero",
            "export without it, and pass it as state= to infer",
        )
    found = sources.kinds(state)
    if len(state.addends) > 1 or {source.kind for source in found} != {"input"}:
        raise NetworkError(
            field,
            "computed in the graph",
            "the state of an LSTM may not come from another one",
            _REMEDY,
        )
    names = ", ".join(source.name for source in found)
    ids = state.addends[0]
    if len(found) > 1 or not found[0].floating or ids.ndim != 3:
        raise _part(field, names)
    ids = ids.swapaxes(0, 1) if batch_first else ids
    if ids.shape[::2] != (directions, hidden):
        raise NetworkError(
            field,
            f"{ids.shape[0]} x batch x {ids.shape[2]}",
            f"{names!r} is not {directions} x batch x {hidden} there, (directions, batch, hidden)",
            "export it again, with the sizes of the node",
        )
    rows = _rows(ids, found[0])
    if rows is None:
        raise _part(field, names)
    return rows


def check(walk, order, read_as_x):
    """Refuse states that ``state=`` cannot stand for.

    Parameters
    ----------
    walk : Walk
    order : iterable of int
        The LSTM nodes in the order of the network's layers.
    read_as_x : collection of int
        The graph inputs that LSTMs read.

    Raises
    ------
    NetworkError
    """
    order = list(order)
    taken = {}  # by graph input that several nodes have rows of: which side, and rows so far
    for side, name in enumerate(SIDES):
        for node in order:
            lstm = walk.lstms[node]
            found, field = lstm.states[side], f"{lstm.title}: {name}"
            if found is None:
                continue
            if walk.inputs.index(found.source) in read_as_x:
                raise NetworkError(
                    field, found.source.name, "an LSTM reads this input as X", _REMEDY
                )
            if found.whole:
                continue
            owner, begun = taken.setdefault(found.source.name, (side, 0))
            if (owner, begun) != (side, found.start):
                raise _part(field, found.source.name)
            taken[found.source.name] = side, begun + found.rows
    for node in order:
        for found, name in zip(walk.lstms[node].states, SIDES):
            if found and not found.whole and taken[found.source.name][1] != found.total:
                raise _part(f"{walk.lstms[node].title}: {name}", found.source.name)


def _rows(ids, source):
    """Where (directions, batch, hidden) elements stand in a source; None: not as rows of it."""
    own = source.ids()
    views = []
    if own.ndim == 2:  # one row, or one sequence
        views = [own[None], own[:, None]]
    if own.ndim == 3:
        views = [own, own.swapaxes(0, 1)]
    for view in views:
        if view.shape[1:] == ids.shape[1:]:
            start = int(np.argmax(view[:, 0, 0] == ids[0, 0, 0]))
            if np.array_equal(view[start : start + len(ids)], ids):
                return Rows(source, start, len(ids), len(view))
    return None


def _part(field, names):
    return NetworkError(
        field,
        names,
        "neither a whole float input nor the rows of its layers in their order",
        _REMEDY,
    )
