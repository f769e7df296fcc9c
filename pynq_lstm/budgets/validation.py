"""How good a network or a model is on data that the user gives."""

import math
import numbers
import warnings

import numpy as np

from pynq_lstm.array_checks import as_array
from pynq_lstm.errors import CompressionError, InputError, SaturationWarning
from pynq_lstm.packed import padded
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
        if network.head is None:
            raise CompressionError(
                "validate", None, "the network has no head", "pass a callable instead of labels"
            )
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise CompressionError(
                "validate",
                type(data).__name__,
                "neither (x, labels), (x, labels, lengths) nor a callable",
                "pass one of them",
            )
        x, labels, lengths = (*data, None)[:3]
        shapes = network.sequences
        try:
            x, lengths = padded(x, lengths)
            self._x, batched = shapes.inputs(x)
            count, steps = self._x[0].shape[:2]
            self._lengths = shapes.lengths(lengths, count, steps)
            self._labels = as_array("labels", labels)
        except InputError as error:
            raise CompressionError(
                f"validate: {error.field}", error.value, error.problem, error.remedy
            ) from None
        whole = np.issubdtype(self._labels.dtype, np.integer)
        if not batched or not whole or self._labels.shape != (count,):
            raise CompressionError(
                "validate: labels",
                f"{self._labels.dtype}{self._labels.shape}",
                f"not {count} integers, one for each sequence",
                "pass x with a batch axis, and labels (batch,) of an integer type",
            )
        classes = len(network.head.bias)
        if self._labels.min() < 0 or self._labels.max() >= classes:
            raise CompressionError(
                "validate: labels",
                (int(self._labels.min()), int(self._labels.max())),
                f"not classes from 0 to {classes - 1}",
                "pass the index of the right logit",
            )

    def of(self, runner):
        """Percent."""
        right = 0
        for at in range(0, len(self._labels), BATCH):
            own = slice(at, at + BATCH)
            x = [one[own] for one in self._x]
            logits = runner.infer_logits(x if len(x) > 1 else x[0], lengths=self._lengths[own])
            right += int((logits.argmax(axis=1) == self._labels[own]).sum())
        return 100 * right / len(self._labels)
