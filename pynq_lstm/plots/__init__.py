"""Pictures; every function takes and returns a matplotlib axis. Extra: ``pynq-lstm[plots]``."""

from pynq_lstm.plots.figure import axis, save
from pynq_lstm.plots.rows import accuracy_drop_against_error, accuracy_drop_against_time
from pynq_lstm.plots.trials import search

__all__ = [
    "accuracy_drop_against_error",
    "accuracy_drop_against_time",
    "axis",
    "save",
    "search",
]
