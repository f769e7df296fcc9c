"""What an LSTM or the head reads: from numbers of elements to sources, steps and columns."""

from typing import List, NamedTuple, Tuple

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.onnx_graph.symbols import NOTHING

LAST = -1  # of a step: the last valid one
_WHOLE = "read every step, the last one, or every k-th from the k-th on (k up to 15)"


class Origin(NamedTuple):
    """A sequence: an external input or a model, and which of its steps.

    Attributes
    ----------
    kind : str
        "input" or "model".
    index : int
        Of the graph input or of the LSTM node.
    every : int
    last : bool
    """

    kind: str
    index: int  # type: ignore[assignment] # hides tuple.index
    every: int
    last: bool


class Columns(NamedTuple):
    """Where the values of a step come from, in one addend.

    Attributes
    ----------
    origins : list of Origin
    which : ndarray, (size,), int
        Of each value, into `origins`; -1 where nothing is added.
    column : ndarray, (size,), int
        Of each value, in its origin.
    """

    origins: List[Origin]
    which: np.ndarray
    column: np.ndarray


def read(walk, ids, where):
    """One addend of an input.

    Parameters
    ----------
    walk : Walk
    ids : ndarray, (time, batch, size)
    where : str
        For errors.

    Returns
    -------
    Columns

    Raises
    ------
    NetworkError
        Not whole sequences of all of the batch.
    """
    which, column = np.full(ids.shape[2], -1), np.zeros(ids.shape[2], np.int64)
    origins: List[Origin] = []
    present = ids[0, 0] != NOTHING
    if ((ids != NOTHING) != present).any():
        raise _refused(where, "steps of one source mixed with none", _WHOLE)
    index = walk.sources.of(ids[0, 0])
    for n in np.unique(index[present]):
        features = np.flatnonzero(present & (index == n))
        block = ids[:, :, features]
        source = walk.sources.found[n]
        if (walk.sources.of(block) != n).any():
            raise _refused(where, f"{source.name} mixed with others in one value", _WHOLE)
        steps, columns, time = _places(source, block, where)
        column[features] = columns
        for kind in np.unique(steps, axis=1).T:
            origin = _origin(walk, source, kind, time, where)
            if origin not in origins:
                origins.append(origin)
            which[features[(steps == kind[:, None]).all(axis=0)]] = origins.index(origin)
    return Columns(origins, which, column)


def size(walk, origin):
    """Values of a step of an origin."""
    if origin.kind == "input":
        return walk.inputs[origin.index].shape[-1]
    layers = walk.lstms[origin.index].layers
    return len(layers) * layers[0].hidden_size


def _places(source, block, where):
    """Steps (time, values) and columns (values,) of elements of one source, and its time.

    `found` holds step, batch and column of each element, and the source's time and batch.
    """
    if source.kind == "input":
        found = _of_input(source, block, where)
    elif source.kind == "logits":
        raise _refused(where, f"the linear layer's {source.name}", "let the linear layer be last")
    elif source.kind == "c":
        raise _refused(where, f"the cell state {source.name}", "read h: the outputs Y or Y_h")
    else:
        found = _of_lstm(source, block)
    step, batch, column = np.broadcast_arrays(*found[:3])
    if not _whole(batch, found[4]):
        raise _refused(where, f"{source.name} with batch and time mixed", "keep their axes apart")
    if (step != step[:, :1]).any() or (column != column[:1, :1]).any():
        raise _refused(where, f"{source.name} with steps or values mixed", _WHOLE)
    return step[:, 0], column[0, 0], found[3]


def _of_input(source, block, where):
    if len(source.shape) not in (2, 3) or not source.floating:
        raise _refused(
            where,
            f"graph input {source.name} of shape {source.shape}",
            "let x be a float tensor of (batch, time, input), (time, batch, input) or "
            "(time, input)",
        )
    place = np.unravel_index(block - source.base, source.shape)
    if len(place) == 2:  # a sequence without a batch axis
        time = source.shape[0]
        return _last(place[0], time - 1, time), np.zeros_like(place[0]), place[1], time, 1
    step, batch, column = place
    total, sequences = source.shape[:2]
    if not _whole(batch, sequences):
        step, batch, total, sequences = batch, step, sequences, total
    return _last(step, total - 1, total), batch, column, total, sequences


def _of_lstm(source, block):
    place = np.unravel_index(block - source.base, source.shape)
    direction, batch, unit = place[-3:]
    column = direction * source.shape[-1] + unit
    if source.kind == "h":
        return np.full_like(batch, LAST), batch, column, None, source.shape[1]
    time = source.shape[0]
    ends = np.where(np.array(source.backward)[direction], 0, time - 1)
    return _last(place[0], ends, time), batch, column, time, source.shape[2]


def _whole(batch, sequences):
    """Whether they are all sequences of the batch, in their order."""
    return batch.shape[1] == sequences and (batch == np.arange(sequences)[None, :, None]).all()


def _last(step, end, total):
    """A single step that is the end of a longer sequence is its last one."""
    return np.where(step == end, LAST, step) if len(step) == 1 < total else step


def _origin(walk, source, steps, time, where):
    """The origin of elements of some steps out of `time`."""
    lengths = any(lstm.lengths for lstm in walk.lstms)
    if source.kind == "input":
        kind, index = "input", walk.inputs.index(source)
    else:
        kind, index = "model", source.model
    if (steps == LAST).all():
        padded = lengths if source.kind == "input" else walk.lstms[index].lengths
        if source.kind != "h" and padded:
            raise _refused(
                where, f"the last step of {source.name}, which is padded", "read Y_h instead"
            )
        return Origin(kind, index, 1, True)
    every = int(steps[0]) + 1
    regular = np.array_equal(steps, np.arange(every - 1, time, every))
    if regular and (every == 1 or len(steps) > 1):
        return Origin(kind, index, every, False)
    shown = f"steps {steps[:3].tolist()} of {source.name}"
    if source.kind == "steps" and True in source.backward and len(steps) == 1:
        raise _refused(
            where,
            f"{shown}, of which the reverse direction's last is the first",
            "read Y_h, the last h of both directions",
        )
    raise _refused(where, shown, _WHOLE)


def _refused(where, value, remedy):
    return NetworkError(where, value, "not whole sequences, or not in this notation", remedy)


def joined(walk, addends, where) -> Tuple[list, np.ndarray]:
    """What is concatenated and added, as the notation of wirings has it.

    Parameters
    ----------
    addends : list of Columns

    Returns
    -------
    parts : list of list of Origin
        Concatenated parts of added terms.
    matrix : ndarray, (values of all parts, size), or None
        Where the notation has no words for it (slices, other orders, sums of halves): the parts
        are then whole origins, and this is what takes their values to those that are read.
    """
    parts, start, count = [], 0, len(addends[0].which)
    while start < count:
        terms = [(a, int(a.which[start])) for a in addends if a.which[start] >= 0]
        widths = {size(walk, a.origins[n]) for a, n in terms}
        if len(widths) != 1:
            return folded(walk, addends)
        stop = start + widths.pop()
        for a in addends:
            own = a.which[start:stop]
            whole = stop <= count and (own == own[0]).all()
            if not whole or own[0] >= 0 and (a.column[start:stop] != np.arange(len(own))).any():
                return folded(walk, addends)
        parts.append([a.origins[n] for a, n in terms])
        start = stop
    return parts, None


def folded(walk, addends):
    """As `joined`, with a matrix always."""
    origins = []
    for a in addends:
        origins += [origin for origin in a.origins if origin not in origins]
    starts = np.cumsum([0] + [size(walk, origin) for origin in origins])
    matrix = np.zeros((starts[-1], len(addends[0].which)), np.float32)
    for a in addends:
        values = np.flatnonzero(a.which >= 0)
        rows = np.array([starts[origins.index(origin)] for origin in a.origins], np.int64)
        np.add.at(matrix, (rows[a.which[values]] + a.column[values], values), 1)
    return [[origin] for origin in origins], matrix
