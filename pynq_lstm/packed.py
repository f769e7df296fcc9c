"""PyTorch's PackedSequence as an input: known by its fields, so that torch is not imported.

Its `data` holds, step after step, the sequences that are still going on, the longest ones first;
`batch_sizes` says how many these are at each step, and `unsorted_indices` takes sequences of that
order to the order in which they were given (None: it is the same).
"""

import numpy as np

from pynq_lstm.array_checks import as_array
from pynq_lstm.errors import InputError

_FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
_REMEDY = "make it with torch.nn.utils.rnn.pack_padded_sequence or pack_sequence"


def is_packed(x):
    """Whether `x`, or an entry of a list, is a PackedSequence."""
    if type(x) is np.ndarray:
        return False
    listed = isinstance(x, (list, tuple))
    return _is_one(x) or listed and any(_is_one(x[j]) for j in range(len(x)))


def _is_one(x):
    return all(hasattr(x, field) for field in _FIELDS)


def padded(x, lengths):
    """What `x` and `lengths` of a call stand for.

    Parameters
    ----------
    x : PackedSequence, a list of them over external inputs, or anything else
    lengths : as the call was given it

    Returns
    -------
    x : ndarray, (batch, time, input), or a list of them over external inputs
        In the order in which the sequences were packed, zero beyond their lengths; anything else
        as it is.
    lengths : ndarray, (batch,), int64
        Of the packed sequences; else as given.

    Raises
    ------
    InputError
        `lengths` beside a PackedSequence, arrays beside one, external inputs of different lengths,
        or one that is damaged.
    """
    if not is_packed(x):
        return x, lengths
    if lengths is not None:
        raise InputError(
            "lengths", lengths, "x is a PackedSequence, which has its own", "leave one of them out"
        )
    if _is_one(x):
        return _unpacked("x", x)
    kinds = [type(a).__name__ for a in x]
    if not all(map(_is_one, x)):
        raise InputError("x", kinds, "some are packed and some are not", "pack all of them")
    arrays, steps = zip(*(_unpacked(f"x[{j}]", a) for j, a in enumerate(x)))
    for j, own in enumerate(steps):
        if not np.array_equal(own, steps[0]):
            raise InputError(
                f"x[{j}]: lengths",
                own.tolist(),
                f"x[0] has {steps[0].tolist()}",
                "give every external input the same lengths, in the same order",
            )
    return list(arrays), steps[0]


def _unpacked(name, x):
    """(batch, time, input) and (batch,) of one PackedSequence."""
    data = as_array(f"{name}.data", x.data)
    sizes = as_array(f"{name}.batch_sizes", x.batch_sizes)
    good = sizes.ndim == 1 and sizes.dtype.kind in "iu" and len(sizes) and sizes[-1] > 0
    if not good or (np.diff(sizes) > 0).any():
        raise InputError(f"{name}.batch_sizes", sizes, "not counts that only fall", _REMEDY)
    batch, total = int(sizes[0]), int(sizes.sum())
    if data.ndim != 2 or len(data) != total:
        raise InputError(
            f"{name}.data.shape", data.shape, f"not ({total}, input), of all steps", _REMEDY
        )
    there = np.arange(batch) < sizes[:, None]  # (time, batch)
    steps = np.zeros((*there.shape, data.shape[1]), data.dtype)
    steps[there] = data
    order = np.arange(batch)
    if x.unsorted_indices is not None:
        order = as_array(f"{name}.unsorted_indices", x.unsorted_indices)
        if order.shape != (batch,) or not np.array_equal(np.sort(order), np.arange(batch)):
            raise InputError(
                f"{name}.unsorted_indices", order, f"not an order of {batch} sequences", _REMEDY
            )
    return steps.swapaxes(0, 1)[order], there.sum(axis=0)[order]
