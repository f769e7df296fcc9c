"""`nn.LSTM` and `nn.Linear` to a `Network`, by their attributes: torch is not imported."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.importers.tensors import model, tensor_names
from pynq_lstm.network import Network
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Wiring, names


def network(modules, head=None, wiring=None):
    """Build a `Network` from trained PyTorch modules.

    Parameters
    ----------
    modules : nn.LSTM, or sequence or dict of nn.LSTM
        Of any num_layers, bidirectional and bias. A sequence (or nn.ModuleList) names them m0,
        m1, ..., a dict (or nn.ModuleDict) by its keys. ``batch_first`` does not matter: this
        package is batch first.
    head : nn.Linear or Head, optional
        On the concatenated hidden states of the models that no other reads, or of those that
        the wiring's "head" names.
    wiring : list of str, dict of str to str, or Wiring, optional
        What each model reads, as in ``["x0", "x1, m0 / 4"]``; see `Wiring.of`. Default: model
        j reads external input j.

    Returns
    -------
    Network

    Raises
    ------
    NetworkError
        The module's kind or one of its settings is not supported, a weight is not finite, or
        the wiring does not fit.
    """
    named = hasattr(modules, "items")
    modules, fields, found = _listed(modules)
    models = [_model(field, module) for field, module in zip(fields, modules)]
    if isinstance(wiring, Wiring) and named and wiring.names != found:
        raise NetworkError(
            "wiring.names", wiring.names, f"the modules' are {found}", "name them alike, in order"
        )
    return Network(
        tuple(layer for layers, _ in models for layer in layers),
        None if head is None else _head(head),
        tuple(stack for _, stack in models),
        Wiring.of(wiring, found),
    )


def _listed(modules):
    """The modules, what errors call them, and their names in the wiring."""
    if hasattr(modules, "weight_ih_l0"):
        modules = [modules]
    if hasattr(modules, "items"):
        found, modules = zip(*modules.items()) if len(modules) else ((), ())
        return modules, [f"modules[{name!r}]" for name in found], found
    try:
        modules = list(modules)
    except TypeError:
        raise NetworkError(
            "modules",
            type(modules).__name__,
            "not an nn.LSTM or a list of them",
            "pass the trained nn.LSTM modules",
        ) from None
    return modules, [f"modules[{j}]" for j in range(len(modules))], names.default(len(modules))


def _model(field, module):
    if getattr(module, "mode", None) != "LSTM" or not hasattr(module, "weight_hh_l0"):
        raise NetworkError(
            field,
            type(module).__name__,
            "not an nn.LSTM",
            "pass nn.LSTM modules; GRU and plain RNN are not supported",
        )
    projected = getattr(module, "proj_size", 0)
    if projected:
        raise NetworkError(
            f"{field}.proj_size", projected, "projections are not supported", "use proj_size=0"
        )
    stack = Stack(getattr(module, "num_layers", 1), getattr(module, "bidirectional", False))
    # by attribute, not by parameter: a parametrized weight (weight_norm) is read as it is used
    found = {key: getattr(module, key, None) for keys in tensor_names(stack) for key in keys}
    found = {key: _array(value) for key, value in found.items() if value is not None}
    return model(field, found)


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
