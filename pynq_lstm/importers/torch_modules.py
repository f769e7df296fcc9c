"""`nn.LSTM` and `nn.Linear` to a `Network`, by their attributes: torch is not imported."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.importers.state_dict import NAMES, layer
from pynq_lstm.network import Network

_SUPPORTED = (("num_layers", 1), ("bidirectional", False), ("proj_size", 0))


def network(modules, head=None, wiring=None):
    """Build a `Network` from trained PyTorch modules.

    Parameters
    ----------
    modules : nn.LSTM or sequence of nn.LSTM
        A sequence (or nn.ModuleList) holds independent LSTMs that run side by
        side. ``batch_first`` does not matter: this package is batch first.
    head : nn.Linear or Head, optional
        On the concatenated hidden states.
    wiring : None
        Connections between the LSTMs are not taken yet.

    Returns
    -------
    Network

    Raises
    ------
    NetworkError
        The module's kind or one of its settings is not supported, or a weight is
        not finite.
    """
    if wiring is not None:
        raise NetworkError(
            "wiring", wiring, "connected LSTMs are not supported yet", "pass independent LSTMs"
        )
    modules = [modules] if hasattr(modules, "weight_ih_l0") else list(_sequence(modules))
    names = [f"modules[{j}]" for j in range(len(modules))]
    layers = tuple(_layer(name, module) for name, module in zip(names, modules))
    return Network(layers, None if head is None else _head(head))


def _sequence(modules):
    try:
        return list(modules)
    except TypeError:
        raise NetworkError(
            "modules",
            type(modules).__name__,
            "not an nn.LSTM or a list of them",
            "pass the trained nn.LSTM modules",
        ) from None


def _layer(name, module):
    if getattr(module, "mode", None) != "LSTM" or not hasattr(module, "weight_hh_l0"):
        raise NetworkError(
            name,
            type(module).__name__,
            "not an nn.LSTM",
            "pass nn.LSTM modules; GRU and plain RNN are not supported",
        )
    for setting, supported in _SUPPORTED:
        value = getattr(module, setting, supported)
        if value != supported:
            raise NetworkError(
                f"{name}.{setting}", value, "not supported yet", f"use {setting}={supported}"
            )
    # by attribute, not by parameter: a parametrized weight (weight_norm) is read as it is used
    found = {key: getattr(module, key, None) for key in NAMES}
    return layer(name, {key: _array(value) for key, value in found.items() if value is not None})


def _head(linear):
    if isinstance(linear, Head):
        return linear
    weight, bias = getattr(linear, "weight", None), getattr(linear, "bias", None)
    if weight is None or weight.ndim != 2 or not hasattr(linear, "out_features"):
        raise NetworkError(
            "head",
            type(linear).__name__,
            "not an nn.Linear",
            "pass the nn.Linear that follows the LSTMs",
        )
    weight = _array(weight)
    return Head(weight, weight[:, 0] * 0 if bias is None else _array(bias))


def _array(tensor):
    # .float() also serves bfloat16, which NumPy does not know
    return tensor.detach().cpu().float().numpy()
