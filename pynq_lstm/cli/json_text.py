"""An answer as one line of JSON."""

import json
import math

from pynq_lstm.errors import InputError


def of(answer):
    """The text of an answer.

    Parameters
    ----------
    answer : dict
        Of what JSON has, numbers included.

    Raises
    ------
    InputError
        A number in it is not finite, which JSON has no word for.
    """
    for field, value in _numbers("answer", answer):
        if not math.isfinite(value):
            problem = "JSON has no such number; what the command did is done"
            raise InputError(field, value, problem, "read the answer without --json")
    return json.dumps(answer, allow_nan=False)


def _numbers(field, value):
    """The numbers of floating point in a value, each with where it is."""
    if isinstance(value, float):
        yield field, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _numbers(f"{field}.{key}", one)
    elif isinstance(value, (list, tuple)):
        for n, one in enumerate(value):
            yield from _numbers(f"{field}[{n}]", one)
