"""Where a model comes from: a small mapping for people, checked like the rest of it."""

import math
import re

import numpy as np

from pynq_lstm.errors import ModelFormatError

MAX_ENTRIES, MAX_KEY, MAX_TEXT = 64, 64, 512  # the latter two in characters
_REMEDY = f"keep it to {MAX_ENTRIES} short strings, finite numbers and booleans"


def checked(provenance):
    """A copy of `provenance` with Python's own numbers.

    Parameters
    ----------
    provenance : mapping of str to str, int, float or bool

    Returns
    -------
    dict

    Raises
    ------
    ModelFormatError
        Something else is inside, or too much.
    """
    if not hasattr(provenance, "items") or len(provenance) > MAX_ENTRIES:
        raise ModelFormatError(
            "provenance", provenance, f"not a mapping of at most {MAX_ENTRIES} entries", _REMEDY
        )
    return {_key(key): _value(key, value) for key, value in provenance.items()}


def _key(key):
    if not _is_text(key, MAX_KEY):
        raise ModelFormatError(
            "provenance", key, f"not a key of at most {MAX_KEY} characters", _REMEDY
        )
    return key


def _value(key, value):
    value = value.item() if isinstance(value, np.generic) else value
    whole = isinstance(value, int) and abs(value) < 1 << 63
    real = isinstance(value, float) and math.isfinite(value)
    if not (whole or real or _is_text(value, MAX_TEXT)):
        raise ModelFormatError(
            f"provenance[{key!r}]",
            value,
            f"neither text of at most {MAX_TEXT} characters nor a finite number",
            _REMEDY,
        )
    return value


def _is_text(value, limit):
    if not isinstance(value, str) or len(value) > limit:
        return False
    return not re.search("[\ud800-\udfff]", value)
