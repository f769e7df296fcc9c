"""How long and how fast `fine_tune` trains."""

import math
from dataclasses import dataclass

from pynq_lstm.errors import CompressionError


@dataclass(frozen=True)
class Plan:
    """Hyperparameters of `fine_tune`.

    Attributes
    ----------
    epochs : int
        Passes over the data. Pruning needs thousands of steps; a hundred undo little of it.
    learning_rate : float
        Its highest value: it rises over the first twentieth and falls to 0 by a cosine.
    weight_decay : float
        Of AdamW, on matrices only.
    clip : float or None
        Largest norm of the gradient.
    calibration_interval : int
        Steps after which the scales are chosen again, from the batch that comes.
    calibration_batches : int
        From which the scales of evaluation, those of the export, are chosen.
    seed : int
    distillation : float
        Share of the divergence from the teacher in the loss, where there is one; 0 to 1.
    temperature : float
        By which the logits of both are divided for it.
    """

    epochs: int = 10
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    clip: float = 1.0
    calibration_interval: int = 20
    calibration_batches: int = 8
    seed: int = 0
    distillation: float = 0.5
    temperature: float = 2.0

    def __post_init__(self):
        for name in ("epochs", "calibration_interval", "calibration_batches"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise CompressionError(name, value, "not a positive integer", "pass 1 or more")
        if not 0 < self.learning_rate < math.inf:
            raise CompressionError(
                "learning_rate", self.learning_rate, "not positive", "pass 1e-4 to 1e-2"
            )
        if not 0 <= self.weight_decay < math.inf:
            raise CompressionError(
                "weight_decay", self.weight_decay, "negative or not finite", "pass 0 to 0.1"
            )
        if not 0 <= self.distillation <= 1:
            raise CompressionError(
                "distillation", self.distillation, "not a share of the loss", "pass 0 to 1"
            )
        if not 0 < self.temperature < math.inf:
            raise CompressionError("temperature", self.temperature, "not positive", "pass 1 to 4")

    def rate(self, done):
        """Learning rate when the share `done` of all steps is over."""
        warm = 0.05
        if done < warm:
            return self.learning_rate * (done + 1e-3) / warm
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))
