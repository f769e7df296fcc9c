"""Tensors under PyTorch's state-dict names to a `Network`, from a mapping or a safetensors file.

``prefix.weight_ih_l0``, ``prefix.weight_hh_l0`` and, if there are any,
``prefix.bias_ih_l0`` and ``prefix.bias_hh_l0`` make one LSTM; prefixes are taken
in natural order. One further pair ``weight`` (2-D) and ``bias`` is the head.
"""

import re

import numpy as np
import safetensors
import safetensors.numpy

from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.network import Layer, Network

_LSTM = re.compile(
    r"(?:(?P<prefix>.*)\.)?(?P<name>(?:weight|bias)_(?:ih|hh|hr)_l\d+(?:_reverse)?)$"
)
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def load(path):
    """Read a `Network` from a safetensors file, as ``save_file(module.state_dict())`` writes it.

    Raises
    ------
    NetworkError
        The file is missing, damaged, or holds something else.
    """
    try:
        return network(safetensors.numpy.load_file(path))
    except (OSError, safetensors.SafetensorError, KeyError, TypeError) as error:
        raise NetworkError(
            "path",
            str(path),
            f"cannot be read as safetensors ({error})",
            "write it with safetensors.torch.save_file(module.state_dict(), path)",
        ) from None


def save(network, path):
    """Write a `Network` so that `load` reads it again."""
    tensors = {}
    for j, part in enumerate(network.layers):
        zero = np.zeros_like(part.bias)
        for name, array in zip(NAMES, (part.w_ih, part.w_hh, part.bias, zero)):
            tensors[f"lstms.{j}.{name}"] = array
    if network.head is not None:
        tensors.update({"head.weight": network.head.weight, "head.bias": network.head.bias})
    safetensors.numpy.save_file(tensors, path)


def network(tensors):
    """Build a `Network` from a mapping of names to arrays."""
    groups, rest = {}, {}
    for name, array in tensors.items():
        match = _LSTM.match(name)
        if match:
            groups.setdefault(match["prefix"] or "", {})[match["name"]] = array
        else:
            rest[name] = array
    if not groups:
        raise NetworkError(
            "tensors",
            sorted(tensors),
            "no weight_ih_l0 among the names",
            "save the state dict of a module that holds nn.LSTM",
        )
    layers = [layer(prefix or "lstm", groups[prefix]) for prefix in sorted(groups, key=_natural)]
    return Network(tuple(layers), _head(rest) if rest else None)


def layer(name, tensors):
    """One `Layer` from the tensors of one nn.LSTM, names without prefix."""
    foreign = sorted(set(tensors) - set(NAMES))
    if foreign:
        raise NetworkError(
            f"{name}.{foreign[0]}",
            "present",
            "more layers, directions or projections are not supported yet",
            "use num_layers=1, bidirectional=False, proj_size=0",
        )
    for required in NAMES[:2]:
        if required not in tensors:
            raise NetworkError(f"{name}.{required}", None, "missing", "save the whole state dict")
    w_ih, w_hh = (np.atleast_1d(tensors[n]) for n in NAMES[:2])
    zero = np.zeros(len(w_hh), np.float32)
    biases = [np.asarray(tensors.get(n, zero)) for n in NAMES[2:]]
    if biases[0].shape != biases[1].shape:
        raise NetworkError(
            f"{name}.bias_ih_l0.shape",
            biases[0].shape,
            f"differs from bias_hh_l0's {biases[1].shape}",
            "save the whole state dict",
        )
    try:
        return Layer(w_ih, w_hh, biases[0] + biases[1])
    except NetworkError as error:
        raise NetworkError(
            f"{name}.{error.field}", error.value, error.problem, error.remedy
        ) from None


def _head(tensors):
    weights = [name for name in tensors if name.rpartition(".")[2] == "weight"]
    allowed = {w[: -len("weight")] + end for w in weights for end in ("weight", "bias")}
    if len(weights) != 1 or set(tensors) - allowed:
        raise NetworkError(
            "tensors",
            sorted(tensors),
            "more than LSTMs and one linear head",
            "save the LSTMs and the head that follows them only",
        )
    weight = np.atleast_1d(tensors.pop(weights[0]))
    bias = next(iter(tensors.values()), np.zeros(len(weight), np.float32))
    return Head(weight, bias)


def _natural(text):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
