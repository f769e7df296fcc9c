"""Checks of arrays that a user passes; each raises `InputError`."""

import numpy as np

from pynq_lstm.errors import InputError


def over(name, value, count, what):
    """`value` as a list over models or external inputs, of which there are `count`."""
    if count == 1:  # their axis is dropped; a list of one array names it
        named = isinstance(value, (tuple, list)) and len(value) == 1 and np.ndim(value[0]) > 1
        return list(value) if named else [value]
    listed = isinstance(value, (tuple, list)) or getattr(value, "ndim", 0) > 2
    if listed and len(value) == count:
        return list(value)
    shape = getattr(value, "shape", type(value).__name__)
    raise InputError(
        name,
        shape,
        f"not one entry for each of {count} {what}",
        f"pass ({what.split()[-1]}, batch, time, size), or a list over {what}",
    )


def as_array(name, value):
    """`value` as an array; sequences of different lengths are refused by name."""
    try:
        return np.asarray(value)
    except (ValueError, RuntimeError, TypeError) as error:
        # the latter two from tensors that require grad, and that are on a GPU
        problem = f"not an array ({error})"
    raise InputError(name, type(value).__name__, problem, "pass one array, padded to one length")


def check_finite(name, array, remedy):
    """Refuse NaN and infinity."""
    finite = np.isfinite(array)
    if not finite.all():
        raise InputError(name, array.flat[np.argmin(finite)], "not finite", remedy)


def float32(name, value):
    """`value` as an array, which has to be float32 already."""
    array = as_array(name, value)
    if array.dtype != np.float32:
        raise InputError(
            f"{name}.dtype",
            str(array.dtype),
            "not float32",
            "pass np.asarray(..., dtype=np.float32)",
        )
    return array
