"""Bare LSTMs and a head as one module, for who trains no model of their own."""

import torch
from torch import nn

from pynq_lstm.compression.fine_tuning.wired import Wired
from pynq_lstm.errors import CompressionError
from pynq_lstm.network import Network
from pynq_lstm.wiring import Wiring, names


class SideBySide(nn.Module):
    """LSTMs whose hidden states are joined and read by one linear head.

    Parameters
    ----------
    lstms : sequence of nn.LSTM
    head : nn.Linear
    """

    def __init__(self, lstms, head):
        super().__init__()
        self.lstms, self.head = nn.ModuleList(lstms), head

    def forward(self, x):
        """Logits of every step, (batch, time, classes) or, batch second, (time, batch, classes).

        x is one tensor, or one for each LSTM.
        """
        return self.head(self._hidden(x))

    def classes(self, x, target):
        """Logits where `target` asks for them: (batch,) means the last step only."""
        hidden = self._hidden(x)
        if target.ndim == 1:
            hidden = hidden[:, -1] if self.lstms[0].batch_first else hidden[-1]
        return self.head(hidden)

    def _hidden(self, x):
        inputs = [x] if len(self.lstms) == 1 and isinstance(x, torch.Tensor) else list(x)
        return torch.cat([lstm(part)[0] for lstm, part in zip(self.lstms, inputs, strict=True)], -1)


def is_ours(model):
    """Whether a module is one that `as_module` makes, which has a head and ``classes``."""
    return isinstance(model, (SideBySide, Wired))


def as_module(model, head=None, networks=False):
    """What `fine_tune` trains: a module as it is, LSTMs or a network as one of ours.

    Parameters
    ----------
    model : nn.Module, Network, nn.LSTM or list of nn.LSTM
    head : nn.Linear, optional
        For bare LSTMs, and for a network without one.
    networks : bool
        Whether LSTMs of several layers, both directions or a wiring become a `Wired`.

    Returns
    -------
    nn.Module

    Raises
    ------
    CompressionError
        Neither of these, no head for bare LSTMs, or a network of a form that is not trained.
    """
    wiring = None
    if isinstance(model, Network):
        if not (networks or model.is_side_by_side):
            raise CompressionError(
                "model", type(model).__name__, "has layers, directions or a wiring",
                "pass an nn.Module that runs it, or method='svd'",
            )  # fmt: skip
        _refuse_reverse(model)
        lstms, own = model.to_torch()
        wiring = None if model.is_side_by_side else model.wiring
        model, head = list(lstms.values()), head or own
    if isinstance(model, nn.Module) and not isinstance(model, nn.LSTM):
        return model
    lstms = [model] if isinstance(model, nn.LSTM) else model
    listed = isinstance(lstms, (list, tuple)) and lstms
    if not listed or not all(isinstance(lstm, nn.LSTM) for lstm in lstms):
        raise CompressionError(
            "model", type(lstms).__name__, "neither a module nor LSTMs", "pass an nn.Module"
        )
    if not isinstance(head, nn.Linear):
        raise CompressionError(
            "head", type(head).__name__, "bare LSTMs give no logits", "pass an nn.Linear"
        )
    several = any(lstm.num_layers > 1 or lstm.bidirectional for lstm in lstms)
    if wiring is None and not (networks and several):
        return SideBySide(lstms, head)
    return Wired(lstms, head, Wiring.of(wiring, names.default(len(lstms))))


def _refuse_reverse(network):
    for name, stack in zip(network.wiring.names, network.stacks):
        if stack.reverse:
            raise CompressionError(
                f"{name}.reverse", True, "a model of the reverse direction only is not trained",
                "compress it without tuning, or train both directions",
            )  # fmt: skip
