"""A trained network, and the data on which it is tuned, chosen and tested."""

from dataclasses import dataclass, replace
from typing import Any, Optional, Tuple

import numpy as np
import torch
from torch import nn

from pynq_lstm import Network
from pynq_lstm.compression.fine_tuning.side_by_side import SideBySide


class Alone(nn.Module):
    """LSTMs that share nothing; the head reads the last valid step of all of them.

    Parameters
    ----------
    lstms : sequence of nn.LSTM
        Batch first.
    head : nn.Linear
    """

    def __init__(self, lstms, head):
        super().__init__()
        self.lstms, self.head = nn.ModuleList(lstms), head

    def forward(self, x, lengths=None):
        """Logits, (batch, classes), of a list of (batch, time, input)."""
        return self.head(self.last(x, lengths))

    def last(self, x, lengths=None):
        """The hidden states of the last valid step, (batch, units)."""
        outs = torch.cat([lstm(part)[0] for lstm, part in zip(self.lstms, x, strict=True)], -1)
        return outs[:, -1] if lengths is None else outs[torch.arange(len(outs)), lengths - 1]


class Remembered(nn.Module):
    """A teacher whose logits stand in the batches: it sees each example more than once."""


def logits(model, batch):
    """Logits of a batch (x, lengths, what the teacher said, target), (batch, classes)."""
    x, lengths, taught, target = batch
    if isinstance(model, Remembered):
        return taught
    return model.classes(x, target) if isinstance(model, SideBySide) else model(x, lengths)


@dataclass(frozen=True, eq=False)
class Examples:
    """Sequences with a class each.

    Attributes
    ----------
    x : tuple of tensor, (examples, time, input), float32
        One for each LSTM.
    labels : tensor, (examples,), int64
    lengths : tensor, (examples,), int64, optional
        Valid steps; all by default.
    taught : tensor, (examples, classes), float32, optional
        Logits of a teacher.
    """

    x: Tuple[torch.Tensor, ...]
    labels: torch.Tensor
    lengths: Optional[torch.Tensor] = None
    taught: Optional[torch.Tensor] = None

    def __len__(self):
        return len(self.labels)

    def batch(self, chosen):
        """Some of them as a batch (x, lengths, what the teacher said, target)."""
        more = [None if part is None else part[chosen] for part in (self.lengths, self.taught)]
        return [part[chosen] for part in self.x], *more, self.labels[chosen]

    def taught_by(self, model):
        """The same with the logits of a model."""
        return replace(self, taught=self.logits(model.eval()))

    @torch.no_grad()
    def logits(self, model):
        """Logits of all, (examples, classes)."""
        chunks = torch.arange(len(self)).split(500)
        return torch.cat([logits(model, self.batch(chosen)) for chosen in chunks])

    def right(self, found):
        """Which of the logits are largest for the label, (examples,) bool."""
        return np.asarray(found).argmax(1) == self.labels.numpy()


class Batches:
    """Batches of examples in an order drawn anew in each pass.

    Parameters
    ----------
    examples : Examples
    size : int
    noise : float
        Deviation of the normal noise that is added to x.
    """

    def __init__(self, examples, size, noise=0.0):
        self.examples, self.size, self.noise = examples, size, noise

    def __len__(self):
        return -(-len(self.examples) // self.size)

    def __iter__(self):
        for chosen in torch.randperm(len(self.examples)).split(self.size):
            x, *others = self.examples.batch(chosen)
            if self.noise:
                x = [part + self.noise * torch.randn_like(part) for part in x]
            yield x, *others


@dataclass(frozen=True, eq=False)
class Task:
    """What a row is measured on.

    Attributes
    ----------
    network : Network
        The float network, with a head.
    train, validation, test : Examples
        To tune on; to choose the best epoch on, as everything else was; to report.
    batch : int
        Examples of a step.
    calibration : list of ndarray, optional
        As ``fine_tune`` takes it.
    noise : float
        Of `Batches`.
    """

    network: Network
    train: Examples
    validation: Examples
    test: Examples
    batch: int
    calibration: Any = None
    noise: float = 0.0

    def model(self, alone):
        """The network as a module that is trained: its LSTMs share u and v, or do not."""
        lstms, head = self.network.to_torch()
        alone |= self.test.lengths is not None  # a SideBySide reads the last step of all
        return (Alone if alone else SideBySide)(list(lstms.values()), head)

    @property
    def dense_words(self):
        """Elements of the weight matrices."""
        return sum(layer.w_ih.size + layer.w_hh.size for layer in self.network.layers)
