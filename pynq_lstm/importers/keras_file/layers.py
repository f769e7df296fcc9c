"""The layers of a chain: what they are, with which settings, and their weights.

What is taken stands in `_Reader.HANDLERS`.
"""

import warnings

import numpy as np

from pynq_lstm.caller import stack_level
from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.importers.keras_file import lstm
from pynq_lstm.importers.keras_file.chain import placed_layer

# layers that give what they read, outside of training
IDENTITIES = (
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
)
_CUT = "keep LSTMs, Bidirectional LSTMs, dropout and one Dense layer after them"


def read(placed, weights):
    """Read the layers of a chain.

    Parameters
    ----------
    placed : list of Placed
    weights : weights.Objects or weights.Legacy

    Returns
    -------
    lstms : list of lstm.Lstms
    head : Head or None

    Raises
    ------
    NetworkError
    """
    reader = _Reader(weights)
    for layer in placed:
        handler = reader.HANDLERS.get(layer.kind)
        if handler is None:
            raise NetworkError(f"{layer.title}: class", layer.kind, "not supported here", _CUT)
        handler(reader, layer)
    return reader.lstms, reader.head


class _Reader:
    """What was met on the way.

    Attributes
    ----------
    steps : bool
        Whether the next layer is given all steps.
    turned : bool
        Whether these are from the last to the first: an LSTM of Keras that goes backwards gives
        its steps in the order in which it took them.
    """

    def __init__(self, weights):
        self.weights, self.lstms, self.head = weights, [], None
        self.steps, self.turned = True, False

    def _lstm(self, layer):
        config = self._settings(layer, layer)
        backward = bool(config.get("go_backwards")) != self.turned
        self.turned ^= bool(config.get("go_backwards"))
        groups = self.weights.of(layer.kind, layer.name)
        self._add(lstm.read(layer.title, [config], groups, (backward,)), config)

    def _bidirectional(self, layer):
        mode = layer.config.get("merge_mode", "concat")
        if mode != "concat":
            raise NetworkError(
                f"{layer.title}: merge_mode",
                mode,
                "not concat",
                "train it with merge_mode='concat'",
            )
        inner = placed_layer(layer.config["layer"])
        pair = [inner, placed_layer(layer.config.get("backward_layer") or layer.config["layer"])]
        for one in pair:
            if one.kind != "LSTM":
                raise NetworkError(
                    f"{layer.title}: class", one.kind, "not supported here", "wrap an LSTM"
                )
        configs = [self._settings(layer, one) for one in pair]
        if configs[0].get("go_backwards") or self.turned:
            raise NetworkError(
                f"{layer.title}: go_backwards",
                True,
                "a Bidirectional layer on turned steps, or whose first direction goes backwards",
                "let LSTMs that go backwards come last, and its first direction forward",
            )
        groups = self.weights.of(layer.kind, layer.name)
        self._add(lstm.read(layer.title, configs, groups, (False, True)), configs[0])

    def _settings(self, layer, one):
        """The checked settings of an LSTM, which must be given steps."""
        if self.head is not None or not self.steps:
            problem = "after a linear layer" if self.head is not None else "given one step only"
            raise NetworkError(
                f"{layer.title}: place",
                layer.kind,
                problem,
                "let LSTMs read the input or an LSTM with return_sequences=True",
            )
        lstm.check(layer.title, one.config)
        return one.config

    def _add(self, found, config):
        self.lstms.append(found)
        self.steps = bool(config.get("return_sequences"))

    def _time_distributed(self, layer):
        inner = placed_layer(layer.config["layer"])
        if inner.kind != "Dense" or not self.steps:
            raise NetworkError(
                f"{layer.title}: layer", inner.kind, "not a Dense layer on every step", _CUT
            )
        self._linear(layer, inner.config)

    def _dense(self, layer):
        self._linear(layer, layer.config)

    def _linear(self, layer, config):
        if self.head is not None or not self.lstms:
            problem = "before any LSTM" if self.head is None else "a second linear layer"
            raise NetworkError(f"{layer.title}: place", layer.kind, problem, _CUT)
        _check_activation(layer, config.get("activation"))
        units, size = lstm.units(layer.title, config), self.lstms[-1].size
        names = ("kernel", "bias")[: 2 if config.get("use_bias", True) else 1]
        (read,) = self.weights.of(layer.kind, layer.name).values()
        kernel, *bias = read(names, [(size, units), (units,)][: len(names)])
        self.head = Head(kernel.T, bias[0] if bias else np.zeros(units, np.float32))

    def _activation(self, layer):
        if self.head is None:
            raise NetworkError(f"{layer.title}: place", layer.kind, "not after the head", _CUT)
        if layer.kind == "Softmax":
            _check_axis(layer)
        else:
            _check_activation(layer, layer.config.get("activation"))

    def _masking(self, layer):
        if self.lstms:
            raise NetworkError(
                f"{layer.title}: place", layer.kind, "after an LSTM", "mask the input only"
            )
        warnings.warn(
            f"{layer.title} is left out: give infer the steps that it would keep as lengths=",
            stacklevel=stack_level(),
        )

    def _nothing(self, layer):
        pass

    HANDLERS = {
        **dict.fromkeys(IDENTITIES, _nothing),
        "Activation": _activation,
        "Bidirectional": _bidirectional,
        "Dense": _dense,
        "LSTM": _lstm,
        "Masking": _masking,
        "Softmax": _activation,
        "TimeDistributed": _time_distributed,
    }


def _check_activation(layer, value):
    """A linear layer, or the softmax of one: the head gives logits either way."""
    name = lstm.function(value)
    if name not in (None, "linear", "softmax"):
        raise NetworkError(
            f"{layer.title}: activation",
            name,
            "the head is linear: logits, before a softmax or not",
            "use softmax or none, and apply others to the logits",
        )


def _check_axis(layer):
    axis = layer.config.get("axis", -1)
    if axis not in (-1, [-1]):
        raise NetworkError(f"{layer.title}: axis", axis, "not -1", "take it over the classes")
