"""The float linear layer that turns hidden states into logits."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Head:
    """A linear layer on the hidden states of all models, concatenated.

    Attributes
    ----------
    weight : ndarray, (classes, sum of hidden sizes), float32
    bias : ndarray, (classes,), float32
    """

    weight: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        for name in ("weight", "bias"):
            array = np.array(getattr(self, name), order="C")
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def logits(self, hidden):
        """Apply the layer in float32.

        Parameters
        ----------
        hidden : list of ndarray, (..., hidden), float32
            One for each model.

        Returns
        -------
        ndarray, (..., classes), float32
        """
        return np.concatenate(hidden, axis=-1) @ self.weight.T + self.bias
