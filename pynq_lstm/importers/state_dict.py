"""Tensors under PyTorch's state-dict names to a `Network`, from a mapping or a safetensors file.

``prefix.weight_ih_l0``, ``prefix.weight_hh_l0`` and, if there are any,
``prefix.bias_ih_l0`` and ``prefix.bias_hh_l0`` make one LSTM, together with those that
end in ``_l1``, ... and ``_reverse``; prefixes are taken in natural order. One further pair
``weight`` (2-D) and ``bias`` is the head.
"""

import json
import re

import numpy as np
import safetensors
import safetensors.numpy

from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.importers.tensors import model, tensor_names
from pynq_lstm.network import Network
from pynq_lstm.wiring import Wiring, names

_LSTM = re.compile(
    r"(?:(?P<prefix>.*)\.)?(?P<name>(?:weight|bias)_(?:ih|hh|hr)_l\d+(?:_reverse)?)$"
)
METADATA = "pynq_lstm.wiring"  # key of a file's metadata: Wiring.to_dict as JSON, models in order


def load(path, wiring=None):
    """Read a `Network` from a safetensors file, as ``save_file(module.state_dict())`` writes it.

    Parameters
    ----------
    path : path
    wiring : as `Wiring.of` takes it, optional
        Default: that which `save` left in the file, else none.

    Raises
    ------
    NetworkError
        The file is missing, damaged, or holds something else, or the wiring does not fit.
    """
    try:
        with safetensors.safe_open(path, framework="np") as file:
            keys = file.keys()
            tensors = {key: file.get_tensor(key) for key in keys}
            metadata = file.metadata() or {}
    except (OSError, safetensors.SafetensorError, KeyError, TypeError) as error:
        raise NetworkError(
            "path",
            str(path),
            f"cannot be read as safetensors ({error})",
            "write it with safetensors.torch.save_file(module.state_dict(), path)",
        ) from None
    if wiring is None and METADATA in metadata:
        wiring = _wiring(metadata[METADATA])
    return network(tensors, wiring)


def save(network, path):
    """Write a `Network` so that `load` reads it again."""
    tensors = {}
    for j, (stack, layers) in enumerate(zip(network.stacks, network.models)):
        for keys, layer in zip(tensor_names(stack), layers):
            zero = np.zeros_like(layer.bias)
            for key, array in zip(keys, (layer.w_ih, layer.w_hh, layer.bias, zero)):
                tensors[f"lstms.{j}.{key}"] = array
    if network.head is not None:
        tensors.update({"head.weight": network.head.weight, "head.bias": network.head.bias})
    wiring, plain = network.wiring, names.default(len(network.stacks))
    metadata = None
    if wiring != Wiring.of(None, plain):
        metadata = {METADATA: json.dumps(wiring.to_dict())}
    safetensors.numpy.save_file(tensors, path, metadata)


def network(tensors, wiring=None):
    """Build a `Network` from a mapping of names to arrays.

    Parameters
    ----------
    tensors : dict of str to ndarray
    wiring : as `Wiring.of` takes it, optional
        Models have the names m0, m1, ... in the natural order of their prefixes.

    Raises
    ------
    NetworkError
    """
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
    prefixes = sorted(groups, key=_natural)
    models = [model(prefix or "lstm", groups[prefix]) for prefix in prefixes]
    return Network(
        tuple(layer for layers, _ in models for layer in layers),
        _head(rest) if rest else None,
        tuple(stack for _, stack in models),
        wiring,
    )


def _wiring(text):
    """The wiring that `save` left."""
    try:
        texts = json.loads(text)
    except (ValueError, RecursionError):
        texts = None
    if not isinstance(texts, dict):
        raise NetworkError(
            f"metadata[{METADATA!r}]",
            text,
            "not a wiring",
            "save the network again, or pass wiring=",
        )
    return Wiring.of(texts, [name for name in texts if name != names.HEAD])


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
