"""One schedule for all: float and quantised, dense and pruned."""

import math
import time
from dataclasses import dataclass
from typing import Tuple

import torch

from benchmarks.paper_pbd.teacher import distilled
from benchmarks.paper_pbd.text import windows
from pynq_lstm.compression.fine_tuning.calibrate import due
from pynq_lstm.compression.fine_tuning.direction import Direction


@dataclass(frozen=True)
class Schedule:
    """Hyperparameters, chosen on the validation slice.

    Attributes
    ----------
    dropout : pair of float
        Of embedded words, and of h before the output layer.
    lstm_factor : float
        Of the learning rate, for the matrices of the LSTM.
    tied : bool
        The output layer has the weights of the embedding.
    interval : int
        Steps after which the scales are chosen again.
    decay : float
        Weight decay of AdamW, on everything but biases.
    """

    epochs: int = 24
    batch: int = 32
    time: int = 35
    learning_rate: float = 3e-3
    warm_up: float = 0.05
    clip: float = 1.0
    decay: float = 0.1
    dropout: Tuple[float, float] = (0.5, 0.5)
    lstm_factor: float = 2.0
    tied: bool = False
    interval: int = 20

    def rate(self, done):
        """Learning rate when the share `done` of all steps is over: up, then a cosine to 0."""
        if done < self.warm_up:
            return self.learning_rate * done / self.warm_up
        rest = (done - self.warm_up) / (1 - self.warm_up)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * rest))


def make_optimizer(models, schedule):
    """AdamW in three groups: matrices of the LSTM, other matrices, and biases without decay."""
    groups = {"lstm": [], "words": [], "bias": []}
    for name, parameter in models.named_parameters():
        kind = "bias" if "bias" in name else "lstm" if name.startswith("w_") else "words"
        groups[kind].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": groups["lstm"], "weight_decay": schedule.decay,
             "factor": schedule.lstm_factor},
            {"params": groups["words"], "weight_decay": schedule.decay, "factor": 1.0},
            {"params": groups["bias"], "weight_decay": 0.0, "factor": 1.0},
        ],
        lr=schedule.learning_rate,
    )  # fmt: skip


def clip(models, limit):
    """Scale the gradient of each model to at most `limit`."""
    gradients = [p.grad for p in models.parameters()]
    square = sum(g.flatten(1).square().sum(1) for g in gradients)
    factor = (limit / square.sqrt().clamp(min=limit)).nan_to_num(0.0)
    for g in gradients:
        g.mul_(factor.view(-1, *(1,) * (g.ndim - 1)))


@torch.no_grad()
def settle(models, batches, state, generator=None):
    """New scales of the present mode from a float run over `batches`; nothing for float ones."""
    if not isinstance(models.layer, Direction):
        return
    models.layer.observe()
    for tokens, _ in batches:
        _, state = models(tokens, state, generator)
    models.layer.settle(models.w_ih, models.w_hh)


@torch.no_grad()
def perplexity(models, tokens, batch=16, time=64):
    """Perplexity of each model over a text, (models,): `batch` streams of it side by side."""
    models.eval()
    state, total, count = models.first_state(batch), 0.0, 0
    for x, y in windows(tokens, batch, time):
        loss, state = models.losses(x, y, state)
        total, count = total + loss.double() * y.numel(), count + y.numel()
    models.train()
    return (total / count).exp()


class Training:
    """Models under way.

    Parameters
    ----------
    models : LanguageModels
    corpus : Corpus
    schedule : Schedule
    seed : int
        Of the dropout.
    teacher : Teacher, optional
        Whose predictions they learn from as well.
    """

    def __init__(self, models, corpus, schedule, seed=0, teacher=None):
        self.models, self.corpus, self.schedule = models, corpus, schedule
        self.teacher = teacher
        self.device = models.bias.device
        self.optimizer = make_optimizer(models, schedule)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.epoch, self.log = 0, []
        self.batches = list(windows(corpus.train, schedule.batch, schedule.time))

    def state(self):
        """What `restore` takes back: everything that the next epoch depends on."""
        return {
            "parameters": dict(self.models.named_parameters()),
            "layer": self.models.layer.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
            "log": self.log,
        }

    def restore(self, state):
        """Go on from what `state` gave."""
        with torch.no_grad():
            for name, parameter in self.models.named_parameters():
                parameter.copy_(state["parameters"][name])
        self.models.layer.load_state_dict(state["layer"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        self.epoch, self.log = state["epoch"], state["log"]

    def _losses(self, x, y, state):
        """What is minimised, the cross entropy in it, and the next state."""
        if self.teacher is None:
            loss, state = self.models.losses(x, y, state, self.generator)
            return loss, loss, state
        logits, state = self.models.logits(x, state, self.generator)
        return (*distilled(logits, y, self.teacher, x), state)

    def run_epoch(self):
        """One pass over the training text; then perplexities of validation and development."""
        started = time.perf_counter()
        models, schedule = self.models.train(), self.schedule
        state, total, batches = models.first_state(schedule.batch), 0.0, self.batches
        if self.teacher is not None:
            self.teacher.rewind(schedule.batch)
        for step, (x, y) in enumerate(batches):
            if due(self.epoch * len(batches) + step, schedule.interval):
                settle(models, [(x, y)], state, self.generator)
            done = (self.epoch + step / len(batches)) / schedule.epochs
            for group in self.optimizer.param_groups:
                group["lr"] = group["factor"] * schedule.rate(done)
            least, loss, state = self._losses(x, y, state)
            state = tuple(s.detach() for s in state)
            self.optimizer.zero_grad(set_to_none=True)
            least.sum().backward()
            clip(models, schedule.clip)
            self.optimizer.step()
            total = total + loss.detach()
        self.epoch += 1
        models.eval()
        settle(models, self.batches[:8], models.first_state(schedule.batch))
        figures = {
            "train": (total / len(batches)).exp().tolist(),
            "validation": perplexity(models, self.corpus.validation).tolist(),
            "development": perplexity(models, self.corpus.development).tolist(),
            "seconds": round(time.perf_counter() - started, 1),
        }
        self.log.append(figures)
        return figures
