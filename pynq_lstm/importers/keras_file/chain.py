"""The layers of a model's configuration, one after another from the input to the output."""

from typing import NamedTuple

from pynq_lstm.errors import NetworkError

MOST_LAYERS = 4096
_MASKS = ("NotEqual", "Any")  # how Keras 3 writes down what a Masking layer computes
_CHAIN = "let each layer read the one before it, from one input to one output, with LSTMs in a row"


class Placed(NamedTuple):
    """A layer.

    Attributes
    ----------
    kind : str
        Its class.
    name : str
    config : dict
    """

    kind: str
    name: str
    config: dict

    @property
    def title(self):
        """What errors call it."""
        return f"layer {self.name!r}"


def chain(model):
    """The layers of a model.

    Parameters
    ----------
    model : dict
        As a file has it: ``{"class_name": ..., "config": ...}``.

    Returns
    -------
    list of Placed
        Without the input.

    Raises
    ------
    NetworkError
        Another kind of model, or one whose layers are no chain.
    """
    kind, config = model.get("class_name"), model.get("config")
    if kind not in ("Sequential", "Functional", "Model"):
        raise NetworkError(
            "class_name",
            kind,
            "not a Sequential or Functional model",
            "build the model from layers; subclasses of Model do not say what they compute",
        )
    listed = config if isinstance(config, list) else config["layers"]  # Keras before 2.2.3
    if len(listed) > MOST_LAYERS:
        raise NetworkError("layers", len(listed), f"more than {MOST_LAYERS}", "use fewer layers")
    if kind != "Sequential":
        listed = _followed(listed, config)
    placed = [placed_layer(entry) for entry in listed]
    return [layer for layer in placed if layer.kind != "InputLayer"]


def placed_layer(entry):
    """A layer's entry as a `Placed`; classes of others, which may have the same name, are refused.

    Raises
    ------
    NetworkError
    """
    kind, config = str(entry["class_name"]), entry["config"]
    name = entry.get("name", config.get("name", kind))
    registered = entry.get("registered_name")
    if registered not in (None, kind):
        raise NetworkError(
            f"layer {name!r}: class", registered, "not a layer of Keras", "use its own LSTM"
        )
    return Placed(kind, str(name), config)


def _followed(listed, config):
    """Entries of a Functional model in the order in which data flow."""
    entries = {entry["name"]: entry for entry in listed}
    (name,) = _ends("output_layers", config)
    (first,) = _ends("input_layers", config)
    found = []
    while name is not None:
        if name not in entries:
            raise NetworkError("inbound_nodes", name, "a layer twice, or none", _CHAIN)
        found.append(entries.pop(name))
        name = _before(found[-1])
    masks = _MASKS if any(entry["class_name"] == "Masking" for entry in found) else ()
    left = [f"{e['name']} ({e['class_name']})" for e in entries.values()]
    if any(entry["class_name"] not in masks for entry in entries.values()):
        raise NetworkError("layers", left, f"beside the way to {found[0]['name']!r}", _CHAIN)
    if found[-1]["name"] != first:
        raise NetworkError("input_layers", first, f"not {found[-1]['name']!r}, the first", _CHAIN)
    return found[::-1]


def _ends(field, config):
    """Names of input or output layers: ``[name, 0, 0]`` or a list of these."""
    value = config[field]
    value = [value] if value and isinstance(value[0], str) else value
    if len(value) != 1:
        raise NetworkError(field, [end[0] for end in value], "not one", _CHAIN)
    return [value[0][0]]


def _before(entry):
    """The name of the layer that this one reads; None for an input."""
    field, nodes = f"layer {entry['name']!r}: inbound_nodes", entry["inbound_nodes"]
    if entry["class_name"] == "InputLayer":
        return None
    if len(nodes) != 1:
        raise NetworkError(field, f"{len(nodes)} calls", "not called once", _CHAIN)
    node = nodes[0]
    if isinstance(node, dict):  # Keras 3
        given, options = node["args"], node["kwargs"]
        sources = [tensor["config"]["keras_history"] for tensor in _tensors(given)]
    else:
        sources, options = node, node[0][3] if len(node[0]) > 3 else {}
    more = [name for name, value in options.items() if name not in ("mask", "training") and value]
    if more:
        raise NetworkError(
            field, more, "it reads more than one sequence", "leave it out; pass state= to infer"
        )
    if len(sources) != 1 or list(sources[0][1:3]) != [0, 0]:
        raise NetworkError(field, [source[0] for source in sources], "not one output", _CHAIN)
    return sources[0][0]


def _tensors(value):
    """What a call was given that other layers gave."""
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in _tensors(item)]
    is_one = isinstance(value, dict) and value.get("class_name") == "__keras_tensor__"
    return [value] if is_one else []
