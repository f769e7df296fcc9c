"""Where the two formats of Keras have the weights of a layer.

`Objects` is that of ``.keras`` and ``.weights.h5``: groups are named after classes and counted,
variables are numbered. `Legacy` is that of whole models as ``.h5``: groups have the names of
layers, datasets those of variables.
"""

from pynq_lstm.errors import NetworkError

ROOT = "layers"
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


class Objects:
    """Weights under classes, which are counted in the order of the layers.

    Parameters
    ----------
    file : File
    """

    def __init__(self, file):
        self.file, self._met = file, {}

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
        number = self._met.get(kind, 0)
        self._met[kind] = number + 1
        folder = f"{ROOT}/{FOLDERS[kind]}" + (f"_{number}" if number else "")
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
