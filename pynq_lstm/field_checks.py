"""Checks of single fields: in range, of the type, shape and dtype that they must have."""

import numbers

import numpy as np

from pynq_lstm.errors import ModelFormatError

MAX_MODELS = 64
MAX_SIZE = 65_536  # of a vector, a list of components, a tile
MAX_CLASSES = 65_536


def refuse(field, value, problem, remedy="compress the network again"):
    """Raise `ModelFormatError`."""
    raise ModelFormatError(field, value, problem, remedy)


def ends(allowed):
    """First and last number of a range."""
    return allowed[0], allowed[-1]


def integer(field, value, low, high):
    """Check that `value` is an integer from `low` to `high`, and return it as int."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        refuse(field, value, "not an integer")
    if not low <= value <= high:
        refuse(field, value, f"outside {low} to {high}")
    return int(value)


def integers(field, values, low, high, length=None):
    """Check a tuple or list of integers."""
    if not isinstance(values, (tuple, list)):
        refuse(field, values, "not a list of integers")
    if length is not None and len(values) != length:
        refuse(field, values, f"{len(values)} entries, not {length}")
    return [integer(f"{field}[{i}]", v, low, high) for i, v in enumerate(values)]


def array(field, value, shape, dtype):
    """Check shape and dtype of an array."""
    if not isinstance(value, np.ndarray):
        refuse(field, value, "not an array")
    if value.shape != tuple(shape):
        refuse(f"{field}.shape", value.shape, f"not {tuple(shape)}")
    if value.dtype != dtype:
        refuse(f"{field}.dtype", str(value.dtype), f"not {np.dtype(dtype)}")


def codes(field, value, bits):
    """Check that an int8 array holds codes of `bits` bits, the most negative one excluded."""
    limit = (1 << (bits - 1)) - 1
    largest = int(np.abs(value.astype(np.int16)).max(initial=0))
    if largest > limit:
        refuse(field, largest, f"codes beyond +-{limit}")
