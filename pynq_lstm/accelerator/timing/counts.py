"""Counts that a RUN takes: lengths of sequences, prefixes."""

from numbers import Integral

from pynq_lstm.errors import InputError

LARGEST = 65_535  # of a prefix, a length: what the kernel takes


def count(field, value):
    """A length or a prefix as an int; raises `InputError` where no RUN takes it."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not 1 <= value <= LARGEST:
        raise InputError(field, value, f"not a whole number from 1 to {LARGEST}", "pass one")
    return int(value)


def prefix(refinements):
    """The prefix that is asked for; None: the longest."""
    return LARGEST if refinements is None else count("refinements", refinements)
