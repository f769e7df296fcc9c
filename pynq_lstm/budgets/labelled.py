"""Sequences with the right class of each, as a user gives them."""

from dataclasses import dataclass
from typing import List

import numpy as np

from pynq_lstm.array_checks import as_array
from pynq_lstm.errors import CompressionError, InputError
from pynq_lstm.packed import padded


@dataclass(frozen=True, eq=False)
class Labelled:
    """Checked data for a network with a head.

    Attributes
    ----------
    x : list of ndarray, (batch, time, input), float32
        One for each external input.
    labels : ndarray, (batch,), int
    lengths : ndarray, (batch,), int
        Valid steps.
    """

    x: List[np.ndarray]
    labels: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, network, data, name):
        """Check what was given.

        Parameters
        ----------
        network : Network
        data : tuple
            (x, labels) or (x, labels, lengths): x as `Session.infer` takes a batch.
        name : str
            What errors call the data.

        Raises
        ------
        CompressionError
            They do not fit the network, or it has no head.
        """
        if network.head is None:
            raise CompressionError(
                name, None, "the network has no head", "pass a callable instead of labels"
            )
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise CompressionError(
                name,
                type(data).__name__,
                "neither (x, labels), (x, labels, lengths) nor a callable",
                "pass one of them",
            )
        x, labels, lengths = (*data, None)[:3]
        shapes = network.sequences
        try:
            x, lengths = padded(x, lengths)
            x, batched = shapes.inputs(x)
            count, steps = x[0].shape[:2]
            lengths = shapes.lengths(lengths, count, steps)
            labels = as_array("labels", labels)
        except InputError as error:
            field = f"{name}: {error.field}"
            raise CompressionError(field, error.value, error.problem, error.remedy) from None
        whole = np.issubdtype(labels.dtype, np.integer)
        if not batched or not whole or labels.shape != (count,):
            raise CompressionError(
                f"{name}: labels",
                f"{labels.dtype}{labels.shape}",
                f"not {count} integers, one for each sequence",
                "pass x with a batch axis, and labels (batch,) of an integer type",
            )
        classes = len(network.head.bias)
        if labels.min() < 0 or labels.max() >= classes:
            raise CompressionError(
                f"{name}: labels",
                (int(labels.min()), int(labels.max())),
                f"not classes from 0 to {classes - 1}",
                "pass the index of the right logit",
            )
        return cls(x, labels, lengths)
