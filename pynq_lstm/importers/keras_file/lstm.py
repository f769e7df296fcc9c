"""One LSTM layer of Keras, or both directions of one: settings checked, weights as `Layer`."""

import numbers
from typing import NamedTuple, Tuple

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.gate_orders import ORDERS, reordered
from pynq_lstm.importers.keras_file.weights import NAMES
from pynq_lstm.layer import Layer

_FUNCTIONS = {"activation": "tanh", "recurrent_activation": "sigmoid"}
_OFF = {
    "stateful": "train it without, and pass state= to infer",
    "return_state": "leave it out: infer returns the state",
    "time_major": "train it batch first",
}


class Lstms(NamedTuple):
    """The LSTMs of one layer.

    Attributes
    ----------
    layers : tuple of Layer
        One for each direction.
    backward : tuple of bool
        Of each direction, in the time of the input.
    """

    layers: Tuple[Layer, ...]
    backward: Tuple[bool, ...]

    @property
    def size(self):
        """Values that it gives a step."""
        return sum(layer.hidden_size for layer in self.layers)


def check(title, config):
    """Refuse settings that this package's LSTMs have not.

    Parameters
    ----------
    title : str
        Of the layer, for errors.
    config : dict

    Raises
    ------
    NetworkError
    """
    for field, wanted in _FUNCTIONS.items():
        name = function(config[field])
        if name != wanted:
            raise NetworkError(
                f"{title}: {field}", name, f"not {wanted}", f"train the LSTM with {field}={wanted}"
            )
    for field, remedy in _OFF.items():
        if config.get(field):
            raise NetworkError(f"{title}: {field}", config[field], "not supported", remedy)
    units(title, config)


def function(value):
    """The name of an activation: a text, or what Keras 3 may write for a function of its own."""
    plain = isinstance(value, dict) and value.get("class_name") == "function"
    if plain and value.get("module") in ("builtins", "keras.activations"):
        value = value.get("config")
    return value if value is None or isinstance(value, str) else str(value)


def units(title, config):
    """The number of units of a layer."""
    value = config["units"]
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise NetworkError(f"{title}: units", value, "not a positive integer", "save it again")
    return int(value)


def read(title, configs, groups, backward):
    """The LSTMs of a layer.

    Parameters
    ----------
    title : str
    configs : list of dict
        One for each direction.
    groups : dict of str to callable
        As ``weights.Objects.of`` gives them, by direction.
    backward : tuple of bool

    Raises
    ------
    NetworkError
    """
    sizes = [units(title, config) for config in configs]
    if len(set(sizes)) > 1:
        raise NetworkError(
            f"{title}: units", sizes, "the directions differ", "give both the same units"
        )
    made = []
    for config, variables in zip(configs, groups.values()):
        hidden, bias = sizes[0], bool(config.get("use_bias", True))
        shapes = [(None, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,)][: 3 if bias else 2]
        made.append(layer(title, *variables(NAMES[: len(shapes)], shapes)))
    return Lstms(tuple(made), backward)


def layer(title, kernel, recurrent, bias=None):
    """A `Layer` of the weights of a cell.

    Parameters
    ----------
    title : str
    kernel : ndarray, (input, 4 * hidden)
    recurrent : ndarray, (hidden, 4 * hidden)
    bias : ndarray, (4 * hidden,), optional

    Raises
    ------
    NetworkError
    """
    if bias is None:
        bias = np.zeros(kernel.shape[1], np.float32)
    try:
        return Layer(*(reordered(a.T, ORDERS["keras"]) for a in (kernel, recurrent, bias)))
    except NetworkError as error:
        raise NetworkError(
            f"{title}: {error.field}", error.value, error.problem, error.remedy
        ) from None
