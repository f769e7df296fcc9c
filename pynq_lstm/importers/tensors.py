"""The tensors of one nn.LSTM, under PyTorch's names, to layers."""

import re

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.layer import Layer
from pynq_lstm.stack import Stack

_NAME = re.compile(r"(?:weight|bias)_(?:ih|hh)_l(?P<layer>0|[1-9][0-9]{0,3})(?P<back>_reverse)?")


def tensor_names(stack):
    """Names of an nn.LSTM's tensors.

    Returns
    -------
    list of list of str
        By layer, then direction: w_ih, w_hh, and the two biases. Of a reverse LSTM, which
        PyTorch does not have, only those that end in ``_reverse``.
    """
    return [
        [f"{kind}_l{layer}{back}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        for layer in range(stack.num_layers)
        for back in (("_reverse",) if stack.reverse else ("", "_reverse")[: stack.directions])
    ]


def model(field, tensors):
    """The layers of one nn.LSTM, and how they stand to one another.

    Parameters
    ----------
    field : str
        What errors call it.
    tensors : dict of str to ndarray
        Names without prefix; the biases may be missing.

    Returns
    -------
    layers : list of Layer
    stack : Stack

    Raises
    ------
    NetworkError
        A projection, tensors that are missing, or weights that cannot be taken.
    """
    found = [(name, _NAME.fullmatch(name)) for name in sorted(tensors)]
    for name, match in found:
        if match is None:
            problem, remedy = "no tensor of an nn.LSTM", "leave it out"
            if name.startswith("weight_hr_"):
                problem, remedy = "projections are not supported", "use proj_size=0"
            raise NetworkError(f"{field}.{name}", "present", problem, remedy)
    matches = [match for _, match in found]
    back = {bool(match["back"]) for match in matches}
    stack = Stack(
        1 + max((int(match["layer"]) for match in matches), default=0),
        back == {True, False},
        back == {True},
    )
    return [_layer(field, names, tensors) for names in tensor_names(stack)], stack


def _layer(field, names, tensors):
    for required in names[:2]:
        if required not in tensors:
            raise NetworkError(f"{field}.{required}", None, "missing", "save the whole state dict")
    w_ih, w_hh = (np.atleast_1d(tensors[name]) for name in names[:2])
    zero = np.zeros(len(w_hh), np.float32)
    biases = [np.asarray(tensors.get(name, zero)) for name in names[2:]]
    if biases[0].shape != biases[1].shape:
        raise NetworkError(
            f"{field}.{names[2]}.shape",
            biases[0].shape,
            f"differs from {names[3]}'s {biases[1].shape}",
            "save the whole state dict",
        )
    try:
        return Layer(w_ih, w_hh, biases[0] + biases[1])
    except NetworkError as error:
        place = names[0].partition("_l")[2]
        where = field if place == "0" else f"{field}.l{place}"
        raise NetworkError(
            f"{where}.{error.field}", error.value, error.problem, error.remedy
        ) from None
