"""Where the two formats of Keras have the weights of a layer.

`Objects` is that of ``.keras`` and ``.weights.h5``: groups are named after classes and counted,
variables are numbered. `Legacy` is that of whole models as ``.h5``: groups have the names of
layers, datasets those of variables.
"""

import re

from pynq_lstm.errors import NetworkError

ROOTS = ("layers", "_layer_checkpoint_dependencies")  # the second in Keras 2.13
# parts of a layer, and where `Objects` has their variables
PARTS = {
    "LSTM": {"": "cell/vars"},
    "Bidirectional": {"forward": "forward_layer/cell/vars", "backward": "backward_layer/cell/vars"},
    "Dense": {"": "vars"},
    "TimeDistributed": {"": "layer/vars"},
}
NAMES = ("kernel", "recurrent_kernel", "bias")  # in the order in which Keras numbers them
FOLDERS = {
    "LSTM": "lstm",
    "Bidirectional": "bidirectional",
    "Dense": "dense",
    "TimeDistributed": "time_distributed",
}


def folders(file):
    """Groups of layers under the names of their classes, numbered from the second one on.

    Versions of Keras count differently, from 1 or 2: the order is what tells.

    Parameters
    ----------
    file : File

    Returns
    -------
    dict of str to list of str
        By class, in snake case: paths in the order of their numbers.
    """
    root = next((root for root in ROOTS if file.names(root)), ROOTS[0])
    found = {}
    for name in file.names(root):
        base, number = re.fullmatch(r"(.*?)(?:_([1-9]\d{0,3}))?", name, re.DOTALL).groups()
        found.setdefault(base, []).append((int(number or 0), f"{root}/{name}"))
    return {base: [path for _, path in sorted(own)] for base, own in found.items()}


class Objects:
    """Weights under classes, which are counted in the order of the layers.

    Parameters
    ----------
    file : File
    """

    def __init__(self, file):
        self.file, self._folders = file, folders(file)
        self._met = dict.fromkeys(FOLDERS, 0)

    def of(self, kind, name):
        """The groups of the next layer's variables.

        Parameters
        ----------
        kind : str
            Class of the layer.
        name : str

        Returns
        -------
        dict of str to callable
            By part; from names and shapes of variables to arrays.
        """
        own, number = self._folders.get(FOLDERS[kind], []), self._met[kind]
        if number >= len(own):
            raise NetworkError(
                f"layer {name!r}: weights",
                None,
                "missing",
                "save the whole model, not a part of it",
            )
        self._met[kind] += 1
        folder = own[number]
        return {part: self._reader(f"{folder}/{path}") for part, path in PARTS[kind].items()}

    def _reader(self, path):
        def read(names, shapes):
            extra = [n for n in self.file.names(path) if n not in map(str, range(len(names)))]
            if extra:
                raise _more(path, extra)
            return [self.file.array(f"{path}/{n}", shape) for n, shape in enumerate(shapes)]

        return read


class Legacy:
    """Weights under the names of layers.

    Parameters
    ----------
    file : File
    """

    def __init__(self, file):
        self.file = file

    def of(self, kind, name):
        """As `Objects.of`."""
        path = f"model_weights/{name}"
        groups = {}
        for dataset in self.file.datasets(path):
            group, _, variable = dataset.rpartition("/")
            groups.setdefault(group, {})[variable.partition(":")[0]] = dataset
        parts = list(PARTS[kind])
        if len(groups) != len(parts):
            raise NetworkError(
                path,
                f"weights in {len(groups)} groups",
                f"not {len(parts)} as of layers of class {kind}",
                "save the whole model, not a part of it",
            )
        places = sorted(groups)
        if len(parts) == 2:
            places = _forward_first(path, places)
        return {part: self._reader(at, groups[at]) for part, at in zip(parts, places)}

    def _reader(self, path, found):
        def read(names, shapes):
            extra = [name for name in found if name not in names]
            if extra:
                raise _more(path, extra)
            return [
                self.file.array(found.get(name, f"{path}/{name}"), shape)
                for name, shape in zip(names, shapes)
            ]

        return read


def _forward_first(path, places):
    """The groups of both directions; Keras names that of the first one forward_..."""
    one, other = (place.split("/") for place in places)
    differ = next((pair for pair in zip(one, other) if pair[0] != pair[1]), ("", ""))
    forward = [part.startswith("forward") for part in differ]
    if sorted(forward) != [False, True]:
        raise NetworkError(
            path, list(differ), "not a forward layer and another one", "save it as .keras"
        )
    return places if forward[0] else places[::-1]


def _more(path, extra):
    return NetworkError(
        path,
        extra,
        "more variables than the layer's settings tell of",
        "save the model again, without adapters and quantised weights",
    )
