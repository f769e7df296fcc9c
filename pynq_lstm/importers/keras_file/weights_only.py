"""Files that hold weights only: names of classes and shapes are all that they tell.

Everything else is taken to be Keras's default: LSTMs that go forward, tanh and sigmoid, and a
Dense layer that comes last. The order among layers of one class is in their names; that of
classes is the one in which the sizes fit, and there must be one only.
"""

import re
import warnings

import numpy as np

from pynq_lstm.caller import stack_level
from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.importers.keras_file import lstm
from pynq_lstm.importers.keras_file.layers import IDENTITIES
from pynq_lstm.importers.keras_file.weights import FOLDERS, PARTS, folders

MOST_LSTMS = 64
_SAVE = "save the whole model with model.save('model.keras')"


def read(file):
    """The LSTMs and the head of a file.

    Parameters
    ----------
    file : File

    Returns
    -------
    lstms : list of lstm.Lstms
    head : Head or None

    Raises
    ------
    NetworkError
        Other layers, or several orders or none in which the layers fit.
    """
    found = _folders(file)
    rows = [[_lstms(file, f, kind) for f in found[kind]] for kind in ("LSTM", "Bidirectional")]
    linear = [(f, kind) for kind in ("Dense", "TimeDistributed") for f in found[kind]]
    if len(linear) > 1:
        raise NetworkError("layers", [f for f, _ in linear], "more than one linear layer", _SAVE)
    count = sum(map(len, rows))
    if count > MOST_LSTMS:
        raise NetworkError("layers", f"{count} LSTMs", f"more than {MOST_LSTMS}", _SAVE)
    head = _head(file, *linear[0]) if linear else None
    lstms = _ordered(rows, None if head is None else head.weight.shape[1])
    warnings.warn(
        "this file holds weights only: LSTMs are taken to go forward, with tanh and sigmoid, and a "
        f"Dense layer to come last; {_SAVE} to be sure",
        stacklevel=stack_level(),
    )
    return lstms, head


def _folders(file):
    """Paths of the layers' groups by class, in the order of their numbers."""
    known = {folder: kind for kind, folder in FOLDERS.items()}
    ignored = {_snake(kind) for kind in (*IDENTITIES, "InputLayer")}
    found = {kind: [] for kind in FOLDERS}
    for base, paths in folders(file).items():
        if base in known:
            found[known[base]] = paths
        elif base not in ignored:
            raise NetworkError(
                paths[0], base, "a layer of which weights alone say too little", _SAVE
            )
    return found


def _lstms(file, folder, kind):
    layers = []
    for part in PARTS[kind].values():
        path = f"{folder}/{part}"
        count = _count(file, path, 2, 3)
        hidden = (file.shape(f"{path}/1") or (None,))[0]
        wide = hidden and 4 * hidden
        shapes = [(None, wide), (hidden, wide), (wide,)][:count]
        arrays = [file.array(f"{path}/{n}", shape) for n, shape in enumerate(shapes)]
        layers.append(lstm.layer(folder, *arrays))
    return lstm.Lstms(tuple(layers), (False, True)[: len(layers)])


def _head(file, folder, kind):
    (part,) = PARTS[kind].values()
    path = f"{folder}/{part}"
    biased = _count(file, path, 1, 2) == 2
    kernel = file.array(f"{path}/0", (None, None))
    classes = kernel.shape[1]
    bias = file.array(f"{path}/1", (classes,)) if biased else np.zeros(classes, np.float32)
    return Head(kernel.T, bias)


def _count(file, path, least, most):
    """How many variables a group has."""
    count = len(file.names(path))
    if not least <= count <= most:
        raise NetworkError(path, f"{count} variables", f"not {least} or {most}", _SAVE)
    return count


def _ordered(rows, read):
    """The one way to merge two rows in which each layer takes what the one before it gives.

    Of several, the one whose last layer gives what a head reads.
    """
    ways = {(0, 0): [[]]}
    for _ in range(sum(map(len, rows))):
        longer = {}
        for (i, j), own in ways.items():
            for row, n, place in ((rows[0], i, (i + 1, j)), (rows[1], j, (i, j + 1))):
                for way in own if n < len(row) else ():
                    if not way or way[-1].size == row[n].layers[0].input_size:
                        longer.setdefault(place, []).append([*way, row[n]])
        # two ways to one place that end alike go on alike: keep two of each end, to tell of them
        ways = {place: _two_of_each_end(own) for place, own in longer.items()}
    found = [way for own in ways.values() for way in own]
    if len(found) > 1 and read is not None:
        found = [way for way in found if way[-1].size == read]
    if len(found) != 1:
        shown = [len(row) for row in rows]
        raise NetworkError(
            "layers",
            f"{shown[0]} LSTM, {shown[1]} Bidirectional",
            f"{'no' if not found else 'more than one'} order fits their sizes",
            _SAVE,
        )
    return found[0]


def _two_of_each_end(ways):
    ends = {}
    for way in ways:
        ends.setdefault(id(way[-1]), []).append(way)
    return [way for own in ends.values() for way in own[:2]]


def _snake(kind):
    """As Keras makes names of classes."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
