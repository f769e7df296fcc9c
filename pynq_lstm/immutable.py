"""Values of frozen dataclasses that nobody can change."""

import numpy as np


def frozen(array):
    """A read-only copy of an array, in C order."""
    array = np.array(array, order="C")
    array.flags.writeable = False
    return array


def plain(value):
    """NumPy's numbers as Python's, arrays as read-only copies."""
    if isinstance(value, np.ndarray):
        return frozen(value)
    return value.item() if isinstance(value, np.generic) else value


def freeze(instance, names):
    """Bring the lists and tuples among the fields `names` to tuples of plain values.

    Anything else stays as it is, for a check to refuse.
    """
    for name in names:
        value = getattr(instance, name)
        if isinstance(value, (list, tuple)):
            object.__setattr__(instance, name, tuple(plain(v) for v in value))
