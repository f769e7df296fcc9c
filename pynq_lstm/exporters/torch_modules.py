"""A `Network` as PyTorch modules."""

from pynq_lstm.errors import MissingExtraError, NetworkError
from pynq_lstm.importers.tensors import tensor_names
from pynq_lstm.stack import Stack


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
    check_installed()
    for name, stack in zip(network.wiring.names, network.stacks):
        if stack.reverse:
            raise NetworkError(
                f"{name}.reverse",
                True,
                "nn.LSTM has no such form",
                "use to_torch_module or to_onnx for this network",
            )
    lstms = [lstm(stack, layers) for stack, layers in zip(network.stacks, network.models)]
    return dict(zip(network.wiring.names, lstms)), head(network)


def check_installed():
    """Refuse to go on without torch.

    Raises
    ------
    MissingExtraError
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "torch", None, "not installed", "pip install 'pynq-lstm[compress]'"
        ) from None


def lstm(stack, layers):
    """One model as nn.LSTM, ``batch_first``; of a reverse one what takes its steps as they come."""
    import torch

    forward = Stack(stack.num_layers, stack.bidirectional)
    made = torch.nn.LSTM(
        layers[0].input_size,
        layers[0].hidden_size,
        stack.num_layers,
        batch_first=True,
        bidirectional=stack.bidirectional,
    )
    for keys, layer in zip(tensor_names(forward), layers):
        for key, array in zip(keys, (layer.w_ih, layer.w_hh, layer.bias, 0 * layer.bias)):
            _set(torch, getattr(made, key), array)
    return made


def head(network):
    """The head as nn.Linear, or None."""
    import torch

    if network.head is None:
        return None
    classes, size = network.head.weight.shape
    made = torch.nn.Linear(size, classes)
    _set(torch, made.weight, network.head.weight)
    _set(torch, made.bias, network.head.bias)
    return made


def _set(torch, parameter, array):
    with torch.no_grad():
        parameter.copy_(torch.tensor(array))
