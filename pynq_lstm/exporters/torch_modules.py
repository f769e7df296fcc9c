"""A `Network` as PyTorch modules."""

from pynq_lstm.errors import MissingExtraError, NetworkError
from pynq_lstm.importers.tensors import tensor_names


def modules(network):
    """The models of a network as nn.LSTM, and its head.

    Parameters
    ----------
    network : Network

    Returns
    -------
    lstms : dict of str to nn.LSTM
        By the names of the wiring, in its order; ``batch_first``, float32.
    head : nn.Linear or None

    Raises
    ------
    NetworkError
        A model whose only direction is the reverse one, which nn.LSTM does not have.
    MissingExtraError
        torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingExtraError(
            "torch", None, "not installed", "pip install 'pynq-lstm[compress]'"
        ) from None
    lstms = {}
    for name, stack, layers in zip(network.wiring.names, network.stacks, network.models):
        if stack.reverse:
            raise NetworkError(
                f"{name}.reverse", True, "nn.LSTM has no such form", "use to_onnx for this network"
            )
        lstm = torch.nn.LSTM(
            layers[0].input_size,
            layers[0].hidden_size,
            stack.num_layers,
            batch_first=True,
            bidirectional=stack.bidirectional,
        )
        for keys, layer in zip(tensor_names(stack), layers):
            for key, array in zip(keys, (layer.w_ih, layer.w_hh, layer.bias, 0 * layer.bias)):
                _set(torch, getattr(lstm, key), array)
        lstms[name] = lstm
    if network.head is None:
        return lstms, None
    classes, size = network.head.weight.shape
    head = torch.nn.Linear(size, classes)
    _set(torch, head.weight, network.head.weight)
    _set(torch, head.bias, network.head.bias)
    return lstms, head


def _set(torch, parameter, array):
    with torch.no_grad():
        parameter.copy_(torch.tensor(array))
