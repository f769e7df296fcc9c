"""Checks of what pictures are given, before anything is drawn."""

import math
from collections.abc import Mapping
from numbers import Real

from pynq_lstm.errors import InputError


def objects(field, values, names, remedy):
    """A list of objects with some attributes.

    Raises
    ------
    InputError
        Not a sequence, or one of which an entry lacks an attribute; it is named.
    """
    for n, one in enumerate(listed(field, values, remedy)):
        lacks = next((name for name in names if not hasattr(one, name)), None)
        if lacks:
            raise InputError(f"{field}[{n}]", type(one).__name__, f"has no {lacks}", remedy)
    return list(values)


def points(field, values, remedy):
    """A list of mappings as `Candidate.as_dict` gives them: what is drawn of them is there.

    Raises
    ------
    InputError
        Not a sequence of mappings, or one whose engine, kind of time, time, drop or error is
        missing or of another kind; it is named.
    """
    for n, one in enumerate(listed(field, values, remedy)):
        own = f"{field}[{n}]"
        if not isinstance(one, Mapping):
            raise InputError(own, type(one).__name__, "not a mapping", remedy)
        for name in ("engine", "how", "microseconds", "drop", "mse"):
            if name not in one:
                raise InputError(own, sorted(map(str, one)), f"has no {name}", remedy)
        for name in ("engine", "how"):
            text(f"{own}.{name}", one[name], remedy)
        number(f"{own}.microseconds", one["microseconds"], remedy, above=0)
        for name in ("drop", "mse"):
            if one[name] is not None:
                real(f"{own}.{name}", one[name], remedy)
    return list(values)


def listed(field, values, remedy):
    """`values`, which must be a list, a tuple, or the like; raises `InputError`."""
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
        raise InputError(field, type(values).__name__, "not a sequence", remedy)
    return values


def text(field, value, remedy):
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise InputError(field, value, "not a text", remedy)


def real(field, value, remedy):
    """Refuse what is no number; infinities and nan are."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise InputError(field, value, "not a number", remedy)


def number(field, value, remedy, least=None, above=None):
    """Refuse what is no finite number, or one that is too low."""
    real(field, value, remedy)
    if not math.isfinite(value):
        raise InputError(field, value, "not a finite number", remedy)
    if least is not None and value < least:
        raise InputError(field, value, f"below {least}", remedy)
    if above is not None and value <= above:
        raise InputError(field, value, f"not above {above}", remedy)
