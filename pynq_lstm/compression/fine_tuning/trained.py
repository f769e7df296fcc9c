"""What the training loop asks of every module that stands for an nn.LSTM."""

from abc import abstractmethod

from torch import nn

from pynq_lstm.errors import CompressionError


class TrainedLSTM(nn.Module):
    """Called as the nn.LSTM in whose place it is; a base of the methods' own modules.

    Attributes
    ----------
    options : object
        Of the method, as it was asked for.
    """

    mode = "LSTM"
    proj_size = 0

    @abstractmethod
    def observe(self):
        """From now on run in float and take ranges, until `settle`."""

    @abstractmethod
    def settle(self, keep=True):
        """Choose the scales of the present mode from what was met, or forget it."""

    def extra_repr(self):
        """For print."""
        return f"{self.input_size}, {self.hidden_size}, {self.options}"


def take_sizes(module, lstm):
    """Check that it is an LSTM that can be trained, and give a module its sizes and settings.

    Raises
    ------
    CompressionError
        Not an nn.LSTM, or one with projections.
    """
    if not isinstance(lstm, nn.LSTM):
        raise CompressionError("lstm", type(lstm).__name__, "not an nn.LSTM", "pass an nn.LSTM")
    refuse_projections(lstm)
    for name in ("input_size", "hidden_size", "num_layers", "bidirectional", "batch_first",
                 "dropout", "bias"):  # fmt: skip
        setattr(module, name, getattr(lstm, name))


def refuse_projections(lstm):
    """Refuse an LSTM whose h is smaller than its c.

    Raises
    ------
    CompressionError
    """
    projected = getattr(lstm, "proj_size", 0)
    if projected:
        raise CompressionError(
            "lstm.proj_size", projected, "projections are not supported",
            "train one without, proj_size=0",
        )  # fmt: skip


def trained(model):
    """Every `TrainedLSTM` in `model`, in the order of its modules."""
    return [module for module in model.modules() if isinstance(module, TrainedLSTM)]


def places(model):
    """Where the nn.LSTM of a model are.

    Returns
    -------
    list of (nn.Module, str, nn.LSTM)
        What holds it, under which name, and it.

    Raises
    ------
    CompressionError
        There is none.
    """
    found = [
        (parent, name, child)
        for parent in model.modules() if not isinstance(parent, nn.LSTM)
        for name, child in parent.named_children() if isinstance(child, nn.LSTM)
    ]  # fmt: skip
    if not found:
        raise CompressionError(
            "model", type(model).__name__, "holds no nn.LSTM", "pass the module that holds them"
        )
    return found


def straight_through(value, rounded):
    """`rounded` in the forward pass, the gradient of `value` in the backward pass."""
    return value + (rounded - value).detach()
