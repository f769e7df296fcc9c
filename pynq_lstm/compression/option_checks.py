"""Checks of the options of a compression; each raises `CompressionError`."""

import numbers

from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS


def is_integer(value):
    """Whether `value` is an integer and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def check_choice(name, value, allowed):
    """Refuse an option that is not one of the integers `allowed`."""
    if not is_integer(value) or value not in allowed:
        raise CompressionError(name, value, "not supported", f"choose from {list(allowed)}")


def check_name(name, value, allowed):
    """Refuse an option that is not one of the names `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise CompressionError(name, value, "unknown", f"choose from {list(allowed)}")


def of_part(side, name, value, default):
    """What an option says of one part: itself, or its place in a pair; `default` for None."""
    if isinstance(value, (tuple, list)):
        if len(value) != len(PARTS):
            raise CompressionError(
                name,
                value,
                "neither a number nor a pair",
                "pass one number, or (input part's, hidden part's)",
            )
        value = value[PARTS.index(side)]
    return default if value is None else value


def check_within(side, name, value, low, high, why):
    """Refuse an option of a part that is no integer from `low` to `high`."""
    if not is_integer(value):
        raise CompressionError(name, value, "not an integer", f"pass {low} to {high}")
    if not low <= value <= high:
        raise CompressionError(
            name,
            value,
            f"outside {low} to {high} for the {side} part ({why})",
            f"pass {low} to {high}, or a pair (input part's, hidden part's)",
        )
