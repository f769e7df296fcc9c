"""How good a network or a model is on data that the user gives."""

import math
import numbers
import warnings

import numpy as np

from pynq_lstm.budgets.labelled import Labelled
from pynq_lstm.errors import CompressionError, SaturationWarning
from pynq_lstm.runtime.sessions import load

BATCH = 256  # sequences run at once, which bounds the memory


class Validation:
    """Measures a float network and its compressed models in the same way.

    Parameters
    ----------
    network : Network
    validate : tuple or callable
        (x, labels) or (x, labels, lengths): x as `Session.infer` takes a batch, labels and lengths
        (batch,) int; measured is the accuracy of the largest logit, in percent. Or
        ``validate(runner) -> float``, higher is better: the runner is the float `Network` or a
        session, and has ``infer(x, state, lengths)`` and ``infer_logits(x, state, lengths)``.

    Attributes
    ----------
    float_value : float
        Of the float network.

    Raises
    ------
    CompressionError
        Data that do not fit the network, or a callable that returns no finite number.
    """

    def __init__(self, network, validate):
        self._measure = validate if callable(validate) else _Accuracy(network, validate).of
        self.float_value = self._of(network)

    def of(self, model):
        """The value of a compressed model or network, run by the kernels of the CPU."""
        with load(model, "cpu") as session, warnings.catch_warnings():
            # of models that were only tried; what it costs is in the value
            warnings.simplefilter("ignore", SaturationWarning)
            return self._of(session)

    def _of(self, runner):
        value = self._measure(runner)
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        if not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise CompressionError(
                "validate", value, "did not return a finite number", "return one; higher is better"
            )
        return float(value)


class _Accuracy:
    """Percent of the sequences whose largest logit is their label's."""

    def __init__(self, network, data):
        self._data = Labelled.of(network, data, "validate")

    def of(self, runner):
        """Percent."""
        right, data = 0, self._data
        for at in range(0, len(data.labels), BATCH):
            own = slice(at, at + BATCH)
            x = [one[own] for one in data.x]
            logits = runner.infer_logits(x if len(x) > 1 else x[0], lengths=data.lengths[own])
            right += int((logits.argmax(axis=1) == data.labels[own]).sum())
        return 100 * right / len(data.labels)
