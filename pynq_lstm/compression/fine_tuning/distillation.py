"""The loss of a batch: cross entropy and, with a teacher, what it thinks of all classes.

The divergence at a temperature is that of Hinton, Vinyals, Dean, "Distilling the knowledge in a
neural network" (2015).
"""

import torch
from torch.nn import functional

from pynq_lstm.compression.fine_tuning.side_by_side import is_ours
from pynq_lstm.compression.fine_tuning.wired import Wired


def default_logits(model, batch):
    """``model(x)``, classes last, of a batch (x, ..., target); what the target asks for of it."""
    x, target = batch[0], batch[-1]
    return model.classes(x, target) if is_ours(model) else model(x)


class Loss:
    """``loss(model, batch)``, a scalar tensor.

    Where `default_logits` are of every step and x is packed, steps behind the end of a sequence
    count neither for the cross entropy nor for the divergence, whatever their targets.

    Parameters
    ----------
    loss : callable, optional
        Of a model and a batch. Default: the cross entropy of the logits for ``batch[-1]``.
    logits : callable, optional
        Of a model and a batch, classes last; default `default_logits`.
    teacher : nn.Module, optional
        Whose logits are to be learnt as well; it is not trained.
    weight : float
        Of the divergence from the teacher, 0 to 1; the loss has the rest.
    temperature : float
        By which both logits are divided.
    """

    def __init__(self, loss=None, logits=None, teacher=None, weight=0.5, temperature=2.0):
        self.loss, self.logits = loss, logits or default_logits
        self.teacher = teacher if weight else None
        self.weight, self.temperature = weight, temperature

    def __call__(self, model, batch):
        """See the class; outside training the teacher is not asked."""
        if self.loss is not None and (self.teacher is None or not model.training):
            return self.loss(model, batch)
        valid = self._valid(model, batch)
        logits = self.logits(model, batch)[valid]
        own = self._own(model, batch, logits, valid)
        if self.teacher is None or not model.training:
            return own
        with torch.no_grad():
            taught = self.logits(self.teacher, batch)[valid]
        return (1 - self.weight) * own + self.weight * divergence(logits, taught, self.temperature)

    def _valid(self, model, batch):
        """Which logits count, an index of all axes but the classes."""
        padded = self.logits is default_logits and isinstance(model, Wired) and batch[-1].ndim > 1
        return model.valid(batch[0]) if padded else ...

    def _own(self, model, batch, logits, valid):
        if self.loss is not None:
            return self.loss(model, batch)
        return functional.cross_entropy(logits.flatten(0, -2), batch[-1][valid].flatten())


def divergence(logits, taught, temperature):
    """Kullback-Leibler divergence of the teacher's classes, times the square of the temperature.

    Parameters
    ----------
    logits, taught : tensor, (..., classes)
    temperature : float

    Returns
    -------
    tensor, scalar
        Mean over all but the classes, in nats.
    """
    own, other = (
        functional.log_softmax(t.flatten(0, -2) / temperature, -1) for t in (logits, taught)
    )
    return temperature**2 * functional.kl_div(own, other, reduction="batchmean", log_target=True)
