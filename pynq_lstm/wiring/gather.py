"""What a model reads, put together from external inputs and from what other models gave."""

from typing import Dict, NamedTuple

import numpy as np

from pynq_lstm.wiring import names


class Sequence(NamedTuple):
    """An external input, or what a model gave.

    Attributes
    ----------
    steps : ndarray, (batch, time, size)
    last : ndarray, (batch, size)
        At the last valid step; of a model its last h.
    lengths : ndarray, (batch,), int
        Valid steps.
    """

    steps: np.ndarray
    last: np.ndarray
    lengths: np.ndarray


def external(x, lengths):
    """External inputs by name.

    Parameters
    ----------
    x : list of ndarray, (batch, time, size)
    lengths : ndarray, (batch,), int

    Returns
    -------
    dict of str to Sequence
    """
    batch = np.arange(len(lengths))
    return {names.external(j): Sequence(a, a[batch, lengths - 1], lengths) for j, a in enumerate(x)}


def gather(expression, found: Dict[str, Sequence]):
    """The input of one model.

    Parameters
    ----------
    expression : Expression
    found : dict of str to Sequence
        At least the sources of the expression.

    Returns
    -------
    x : ndarray, (batch, time, input)
    lengths : ndarray, (batch,), int
    """
    found, lengths = parts(expression, found)
    return found[0] if len(found) == 1 else np.concatenate(found, axis=-1), lengths


def parts(expression, found):
    """What `gather` joins: the summed parts and their lengths, of arrays or of tensors."""
    summed = []
    for part in expression.parts:
        first, *others = (_steps(term, found[term.source]) for term in part)
        for other in others:
            first = first + other
        summed.append(first)
    term = expression.terms[0]
    lengths = found[term.source].lengths
    return summed, lengths * 0 + 1 if term.last else lengths // term.every


def _steps(term, sequence):
    if term.last:
        return sequence.last[:, None]
    return sequence.steps[:, term.every - 1 :: term.every]
