"""Bare LSTMs and a head as one module, for who trains no model of their own."""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from pynq_lstm.compression.fine_tuning.svd_stack import SvdStack
from pynq_lstm.compression.fine_tuning.trained import TrainedLSTM, refuse_projections
from pynq_lstm.compression.fine_tuning.wired import Wired
from pynq_lstm.errors import CompressionError, InputError
from pynq_lstm.exporters.torch_network import TorchNetwork
from pynq_lstm.network import Network
from pynq_lstm.wiring import Wiring, names


class SideBySide(nn.Module):
    """LSTMs whose hidden states are joined and read by one linear head.

    Parameters
    ----------
    lstms : sequence of nn.LSTM
        Of any layers and directions.
    head : nn.Linear

    Raises
    ------
    CompressionError
        A head of another size.
    """

    def __init__(self, lstms, head):
        super().__init__()
        self.lstms, self.head = nn.ModuleList(lstms), head
        size = sum(lstm.hidden_size * (1 + lstm.bidirectional) for lstm in lstms)
        if head.in_features != size:
            raise CompressionError(
                "head.in_features", head.in_features, f"not the {size} values that it reads",
                f"pass nn.Linear({size}, classes)",
            )  # fmt: skip

    def forward(self, x):
        """Logits of every step, (batch, time, classes) or, batch second, (time, batch, classes).

        x is one tensor, or one for each LSTM.
        """
        return self.head(torch.cat(self._outs(x), -1))

    def classes(self, x, target):
        """Logits where `target` asks for them: (batch,) means of the last h only."""
        if target.ndim > 1:
            return self(x)
        return self.head(torch.cat(list(map(_last, self.lstms, self._outs(x))), -1))

    def _outs(self, x):
        """The out of each LSTM."""
        count, packed = len(self.lstms), isinstance(x, PackedSequence)
        inputs = [x] if packed or count == 1 and isinstance(x, torch.Tensor) else list(x)
        if len(inputs) != count:
            raise InputError("x", len(inputs), f"not one input for each of {count} LSTMs",
                             "pass a list of them")  # fmt: skip
        if any(isinstance(part, PackedSequence) for part in inputs):
            raise InputError(
                "x", "PackedSequence", "not taken where LSTMs stand side by side",
                "batch sequences of one length together, as tensors",
            )  # fmt: skip
        return [lstm(part)[0] for lstm, part in zip(self.lstms, inputs)]


def _last(lstm, out):
    """The last h of the top layer, both directions: of the reverse one that at the first step."""
    out = out if lstm.batch_first else out.transpose(0, 1)
    if not lstm.bidirectional:
        return out[:, -1]
    return torch.cat([out[:, -1, : lstm.hidden_size], out[:, 0, lstm.hidden_size :]], -1)


def is_ours(model):
    """Whether a module is one that `as_module` makes, which has a head and ``classes``."""
    return isinstance(model, (SideBySide, Wired))


def as_module(model, head=None, networks=False):
    """What `fine_tune` trains: a module as it is, LSTMs or a network as one of ours.

    Parameters
    ----------
    model : nn.Module, Network, TorchNetwork, nn.LSTM or list of nn.LSTM
        Of a TorchNetwork the LSTMs and the head go into what is returned; it keeps its own list.
    head : nn.Linear, optional
        For bare LSTMs, and for a network without one.
    networks : bool
        Whether LSTMs of several layers, both directions or a wiring become a `Wired`. Else these
        stand side by side, and a wiring is refused.

    Returns
    -------
    nn.Module

    Raises
    ------
    CompressionError
        Neither of these, no head for bare LSTMs, one LSTM twice, one with projections, or a
        network of a form that is not trained.
    """
    wiring, kinds = None, (nn.LSTM,)
    if isinstance(model, (Network, TorchNetwork)):
        _refuse_network(model, networks)
    if isinstance(model, TorchNetwork):  # an nn.Module, too, but its wiring and head are known
        wiring, kinds = model.wiring if networks else None, (nn.LSTM, TrainedLSTM, SvdStack)
        head = head or model.head
        model = list(model.lstms)
    elif isinstance(model, Network):
        wiring = model.wiring if networks and not model.is_side_by_side else None
        lstms, own = model.to_torch()
        model, head = list(lstms.values()), head or own
    if isinstance(model, nn.Module) and not isinstance(model, nn.LSTM):
        return model
    lstms = [model] if isinstance(model, nn.LSTM) else model
    _check_lstms(lstms, kinds)
    if not isinstance(head, nn.Linear):
        raise CompressionError(
            "head", type(head).__name__, "bare LSTMs give no logits", "pass an nn.Linear"
        )
    several = any(lstm.num_layers > 1 or lstm.bidirectional for lstm in lstms)
    if wiring is None and not (networks and several):
        return SideBySide(lstms, head)
    return Wired(lstms, head, Wiring.of(wiring, names.default(len(lstms))))


def _check_lstms(lstms, kinds):
    """Refuse what is no list of LSTMs that can be trained side by side."""
    listed = isinstance(lstms, (list, tuple)) and lstms
    if not listed or not all(isinstance(lstm, kinds) for lstm in lstms):
        raise CompressionError(
            "model", type(lstms).__name__, "neither a module nor LSTMs", "pass an nn.Module"
        )
    if len(set(lstms)) < len(lstms):  # the export would have one where the head reads two
        raise CompressionError(
            "model", [type(lstm).__name__ for lstm in lstms], "holds one LSTM twice",
            "pass copies, made with copy.deepcopy",
        )  # fmt: skip
    for lstm in lstms:  # before the head is held against their sizes
        refuse_projections(lstm)


def _refuse_network(network, networks):
    """Refuse a wiring that the method does not train, and models that only go backward."""
    if not (networks or network.wiring.side_by_side):
        holder = "one that holds this one" if isinstance(network, nn.Module) else "one that runs it"
        raise CompressionError(
            "model", type(network).__name__, "has a wiring, which this method does not train",
            f"pass method='svd', or an nn.Module, {holder}, whose LSTMs are exported apart",
        )  # fmt: skip
    for name, stack in zip(network.wiring.names, network.stacks):
        if stack.reverse:
            raise CompressionError(
                f"{name}.reverse", True, "a model of the reverse direction only is not trained",
                "compress it without tuning, or train both directions",
            )  # fmt: skip
