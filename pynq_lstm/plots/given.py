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
    found = listed(field, values, remedy)
    for n, one in enumerate(found):
        lacks = next((name for name in names if not hasattr(one, name)), None)
        if lacks:
            raise InputError(f"{field}[{n}]", type(one).__name__, f"has no {lacks}", remedy)
    return found


def points(field, values, remedy):
    """A list of mappings as `Candidate.as_dict` gives them: what is drawn of them is there.

    Raises
    ------
    InputError
        Not a sequence of mappings, or one whose engine, kind of time, time, drop or error is
        missing or of another kind; it is named.
    """
    found = listed(field, values, remedy)
    for n, one in enumerate(found):
        own = f"{field}[{n}]"
        if not isinstance(one, Mapping):
            raise InputError(own, type(one).__name__, "not a mapping", remedy)
        for name in ("engine", "how", "microseconds", "drop", "mse"):
            if name not in one:
                raise InputError(own, sorted(map(str, one)), f"has no {name}", remedy)
        for name in ("engine", "how"):
            text(f"{own}.{name}", one[name], remedy)
        number(f"{own}.microseconds", one["microseconds"], remedy, above=0)
        for name, least in (("drop", None), ("mse", 0)):
            if one[name] is not None:
                real(f"{own}.{name}", one[name], remedy, least)
    return found


def listed(field, values, remedy):
    """A list of `values`, a sequence or what goes through one once; raises `InputError`."""
    try:
        if isinstance(values, (str, bytes, Mapping)):
            raise TypeError
        through = iter(values)  # an array without dimensions has `__iter__`, and none
    except TypeError:
        raise InputError(field, type(values).__name__, "not a sequence", remedy) from None
    return list(through)


def text(field, value, remedy):
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise InputError(field, value, "not a text", remedy)


def real(field, value, remedy, least=None):
    """Refuse what is no number, or one that is too low; infinities and nan are numbers."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise InputError(field, value, "not a number", remedy)
    if least is not None and value < least:
        raise InputError(field, value, f"below {least}", remedy)


def number(field, value, remedy, least=None, above=None):
    """Refuse what is no finite number, or one that is too low."""
    real(field, value, remedy)
    if not _is_finite(value):
        raise InputError(field, value, "not a finite number", remedy)
    real(field, value, remedy, least)
    if above is not None and value <= above:
        raise InputError(field, value, f"not above {above}", remedy)


def _is_finite(value):
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        return False
