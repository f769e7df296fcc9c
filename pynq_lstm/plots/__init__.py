"""Pictures; every function takes and returns a matplotlib axis. Extra: ``pynq-lstm[plots]``."""

from pynq_lstm.plots.correlation import drop_against_mse
from pynq_lstm.plots.figure import axis, save
from pynq_lstm.plots.gates import gate_errors
from pynq_lstm.plots.pareto import front
from pynq_lstm.plots.roofs import roofline
from pynq_lstm.plots.rows import accuracy_drop_against_error, accuracy_drop_against_time
from pynq_lstm.plots.shares import resources
from pynq_lstm.plots.timeline import timeline
from pynq_lstm.plots.trials import search

__all__ = [
    "accuracy_drop_against_error",
    "accuracy_drop_against_time",
    "axis",
    "drop_against_mse",
    "front",
    "gate_errors",
    "resources",
    "roofline",
    "save",
    "search",
    "timeline",
]
