"""One training under way: what `fine_tune` moves on, epoch by epoch, and a checkpoint holds."""

import copy
import itertools
import math

import torch
from torch import nn

from pynq_lstm.compression.fine_tuning.calibrate import calibrate, due, observing
from pynq_lstm.errors import CompressionError


def some_batches(data, plan):
    """The first batches of the data, from which scales are chosen."""
    return itertools.islice(iter(data), plan.calibration_batches)


def count_batches(data):
    """How many batches a pass over the data has.

    Raises
    ------
    CompressionError
        None, or they can be iterated only once.
    """
    if hasattr(data, "__len__"):
        count = len(data)
    elif iter(data) is data:
        raise CompressionError(
            "data", type(data).__name__, "can be iterated only once",
            "pass a list of batches or a DataLoader",
        )  # fmt: skip
    else:
        count = sum(1 for _ in data)
    if not count:
        raise CompressionError("data", 0, "no batches", "pass a list of batches or a DataLoader")
    return count


class Run:
    """Model, optimiser and random numbers; arguments as `fine_tune`.

    Attributes
    ----------
    epoch : int
        Epochs that are over.
    history : list of dict
    """

    def __init__(self, model, data, loss, plan, optimizer=None, validate=None):
        self.model, self.data, self.loss, self.plan = model, data, loss, plan
        self.validate, self.best = validate, None
        self.optimizer = (optimizer or self._adamw)(list(model.named_parameters()))
        self.epoch, self.history = 0, []

    def _adamw(self, named):
        """Matrices decay, vectors do not."""
        groups = [
            {"params": [p for _, p in named if (p.ndim > 1) == matrices], "weight_decay": decay}
            for matrices, decay in ((True, self.plan.weight_decay), (False, 0.0))
        ]
        return torch.optim.AdamW(groups, lr=self.plan.learning_rate)

    def run_epoch(self):
        """One pass over the data; returns what is added to the history."""
        plan, model = self.plan, self.model.train()
        total, steps, count = 0.0, 0, count_batches(self.data)
        for batch in self.data:
            if due(self.epoch * count + steps, plan.calibration_interval):
                with torch.no_grad(), observing(model):
                    self.loss(model, batch)
            done = (self.epoch + min(steps / count, 1)) / plan.epochs
            for group in self.optimizer.param_groups:
                group["lr"] = plan.rate(done)
            self.optimizer.zero_grad(set_to_none=True)
            value = self.loss(model, batch)
            value.backward()
            if plan.clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
            self.optimizer.step()
            total, steps = total + value.detach().double(), steps + 1
        figures = {"loss": float(total) / max(steps, 1)}
        if not steps or not math.isfinite(figures["loss"]):
            raise CompressionError(
                "loss" if steps else "data", figures["loss"] if steps else 0,
                "not finite" if steps else "no batches",
                "lower the learning rate" if steps else "pass a list of batches or a DataLoader",
            )  # fmt: skip
        self._finish(figures)
        return figures

    def _finish(self, figures):
        """The scales of evaluation, and how good the epoch's model is."""
        model = self.model.eval()
        calibrate(model, some_batches(self.data, self.plan), self.loss)
        self.epoch += 1
        if self.validate is not None:
            with torch.no_grad():
                figures["validation"] = float(self.validate(model))
            if not math.isfinite(figures["validation"]):  # NaN would be the best for ever
                raise CompressionError(
                    "validation", figures["validation"], "not finite",
                    "lower the learning rate, or see what validate returns",
                )  # fmt: skip
            if self.best is None or figures["validation"] < self.best["validation"]:
                self.best = {
                    "validation": figures["validation"],
                    "model": copy.deepcopy(model.state_dict()),
                }
        self.history.append(figures)

    def take_best(self):
        """The weights and scales of the best epoch, where there is a validation."""
        if self.best is not None:
            self.model.load_state_dict(self.best["model"])

    def state(self):
        """For `checkpoint.save`."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "random of cuda": torch.cuda.get_rng_state_all(),
            "epoch": self.epoch,
            "history": self.history,
            "best": self.best,
        }

    def restore(self, state):
        """From `checkpoint.resume`."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        if state["random of cuda"]:
            torch.cuda.set_rng_state_all(state["random of cuda"])
        self.epoch, self.history = state["epoch"], state["history"]
        self.best = state["best"]
