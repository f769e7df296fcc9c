"""Training under masks and quantisation; the only room that needs torch."""

from pynq_lstm.compression.fine_tuning.calibrate import (
    calibrate,
    observing,
    quantise_modules,
    quantised,
)
from pynq_lstm.compression.fine_tuning.export import export, export_layers, export_network
from pynq_lstm.compression.fine_tuning.fine_tune import FineTuned, fine_tune
from pynq_lstm.compression.fine_tuning.module import QuantisedLSTM
from pynq_lstm.compression.fine_tuning.svd_lstm import SvdLSTM

__all__ = [
    "FineTuned",
    "QuantisedLSTM",
    "SvdLSTM",
    "calibrate",
    "export",
    "export_layers",
    "export_network",
    "fine_tune",
    "observing",
    "quantise_modules",
    "quantised",
]
