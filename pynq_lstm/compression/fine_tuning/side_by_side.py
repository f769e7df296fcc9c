"""Bare LSTMs and a head as one module, for who trains no model of their own."""

import torch
from torch import nn


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
        inputs = [x] if len(self.lstms) == 1 and isinstance(x, torch.Tensor) else list(x)
        outs = [lstm(part)[0] for lstm, part in zip(self.lstms, inputs, strict=True)]
        return self.head(torch.cat(outs, -1))

    def classes(self, x, target):
        """Logits where `target` asks for them: (batch,) means the last step only."""
        logits = self(x)
        if target.ndim == 1:
            return logits[:, -1] if self.lstms[0].batch_first else logits[-1]
        return logits


def cross_entropy(model, batch):
    """The default loss, of a batch (x, target); targets are class numbers.

    ``model(x)`` gives logits, classes last, whose other axes are those of target.
    """
    x, target = batch
    logits = model.classes(x, target) if isinstance(model, SideBySide) else model(x)
    return nn.functional.cross_entropy(logits.flatten(0, -2), target.flatten())
