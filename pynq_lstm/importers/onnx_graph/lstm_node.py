"""One LSTM node: its attributes and weights, checked, as layers of this package."""

from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.gate_orders import ORDERS, reordered
from pynq_lstm.importers.onnx_graph import states
from pynq_lstm.importers.onnx_graph.reading import attributes, title
from pynq_lstm.importers.onnx_graph.symbols import Symbol
from pynq_lstm.layer import Layer

INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
_BACKWARD = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
_PLAIN = ("sigmoid", "tanh", "tanh")


class Lstm(NamedTuple):
    """An LSTM node.

    Attributes
    ----------
    title : str
        For errors.
    layers : tuple of Layer
        One for each direction.
    backward : tuple of bool
        Of each direction.
    x : Symbol
        (time, batch, input), whatever the node's layout.
    batch_first : bool
        Layout 1.
    lengths : str or None
        The graph input with the valid steps.
    states : pair of Rows or None
        The graph inputs that h and c start from.
    """

    title: str
    layers: Tuple[Layer, ...]
    backward: Tuple[bool, ...]
    x: Symbol
    batch_first: bool
    lengths: Optional[str]
    states: Tuple[Optional[states.Rows], ...]


def read(node, given, sources):
    """Check a node.

    Parameters
    ----------
    node : NodeProto
    given : list of ndarray, Symbol or None
        Its inputs.
    sources : Sources

    Returns
    -------
    Lstm

    Raises
    ------
    NetworkError
    """
    name, found = title(node), attributes(node)
    given = dict(zip(INPUTS, [*given, *[None] * (len(INPUTS) - len(given))]))
    backward, batch_first = _settings(name, found)
    layers = _layers(name, given, len(backward), found.get("hidden_size"))
    peepholes = given["P"]
    if peepholes is not None and (isinstance(peepholes, Symbol) or np.any(peepholes)):
        raise NetworkError(f"{name}: P", "present", "peepholes", "train an LSTM without them")
    x = given["X"]
    if not isinstance(x, Symbol) or len(x.shape) != 3:
        shape = "a constant" if x is None or not isinstance(x, Symbol) else x.shape
        raise NetworkError(
            f"{name}: X", shape, "not an input of three axes", "give it (time, batch, input)"
        )
    if batch_first:
        x = Symbol([ids.transpose(1, 0, 2) for ids in x.addends])
    if not x.shape[0] or not x.shape[1]:
        raise NetworkError(
            f"{name}: X", x.shape, "no steps", "read every step, the last one, or one in 2 to 15"
        )
    if x.shape[2] != layers[0].input_size:
        raise NetworkError(
            f"{name}: X", x.shape, f"W takes {layers[0].input_size} values", "export it again"
        )
    sizes = len(backward), layers[0].hidden_size
    state = [
        states.read(f"{name}: {side}", given[side], batch_first, sources, *sizes)
        for side in states.SIDES
    ]
    lengths = _lengths(f"{name}: sequence_lens", given["sequence_lens"], x.shape, sources)
    return Lstm(name, layers, backward, x, batch_first, lengths, tuple(state))


def _settings(name, found):
    """Directions and layout; all else must be as by default."""
    text = found.get("direction", b"forward")
    direction = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    if direction not in _BACKWARD:
        raise NetworkError(
            f"{name}: direction", direction, "unknown", f"use one of {sorted(_BACKWARD)}"
        )
    backward = _BACKWARD[direction]
    activations = [
        a.decode(errors="replace") if isinstance(a, bytes) else str(a)
        for a in found.get("activations", [])
    ]
    if activations and [a.lower() for a in activations] != [*_PLAIN] * len(backward):
        raise NetworkError(
            f"{name}: activations",
            activations,
            "not Sigmoid, Tanh, Tanh",
            "train the LSTM with its usual activations",
        )
    for field in ("activation_alpha", "activation_beta", "clip", "input_forget"):
        value = found.get(field)
        if field == "clip" and value is not None or value:
            raise NetworkError(
                f"{name}: {field}", value, "not supported", f"train the LSTM without {field}"
            )
    layout = found.get("layout", 0)
    if layout not in (0, 1):
        raise NetworkError(f"{name}: layout", layout, "unknown", "use 0 or 1")
    return backward, layout == 1


def _layers(name, given, directions, hidden):
    """W, R and B as a `Layer` for each direction."""
    arrays: List[np.ndarray] = []
    for field, axes in (("W", 3), ("R", 3), ("B", 2)):
        array = given[field]
        if array is None and field == "B":
            array = np.zeros((directions, 8 * arrays[1].shape[2]), np.float32)
        if not isinstance(array, np.ndarray):
            raise NetworkError(
                f"{name}: {field}",
                "missing" if array is None else "computed from an input",
                "not a constant",
                "export the trained weights as initialisers",
            )
        if array.ndim != axes or array.shape[0] != directions or 0 in array.shape:
            raise NetworkError(
                f"{name}: {field}.shape",
                array.shape,
                f"not {axes} axes, the first of {directions} directions",
                "export it again",
            )
        arrays.append(array)
    w, r, b = arrays
    size = r.shape[2]
    if hidden is not None and hidden != size:
        raise NetworkError(
            f"{name}: hidden_size", hidden, f"R has {size} hidden units", "export it again"
        )
    for field, array, shape in (
        ("W", w, (directions, 4 * size, w.shape[2])),
        ("R", r, (directions, 4 * size, size)),
        ("B", b, (directions, 8 * size)),
    ):
        if array.shape != shape:
            raise NetworkError(
                f"{name}: {field}.shape", array.shape, f"not {shape}", "export again"
            )
    made = []
    for d in range(directions):
        biases = reordered(b[d].reshape(2, -1), ORDERS["onnx"], axis=1)
        own = (reordered(a[d], ORDERS["onnx"]) for a in (w, r))
        try:
            made.append(Layer(*own, biases[0] + biases[1]))
        except NetworkError as error:
            raise NetworkError(
                f"{name}: {error.field}", error.value, error.problem, error.remedy
            ) from None
    return tuple(made)


def _lengths(field, lengths, shape, sources):
    """The graph input of the lengths; None where all steps of all sequences are valid."""
    time, batch = shape[:2]
    if lengths is None:
        return None
    if isinstance(lengths, np.ndarray):
        if lengths.shape == (batch,) and (lengths == time).all():
            return None
        raise NetworkError(field, lengths, "constant lengths", "make them an input of the graph")
    whole = sources.kinds(lengths)
    if (
        len(whole) != 1
        or len(lengths.addends) > 1
        or (whole[0].kind, whole[0].floating) != ("input", False)
        or not np.array_equal(lengths.addends[0], whole[0].ids())
    ):
        raise NetworkError(
            field, "computed in the graph", "not an integer input", "make it an input of the graph"
        )
    return whole[0].name
