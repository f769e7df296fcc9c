"""Training under the block-diagonal mask and its quantisation; the only room that needs torch."""

from pynq_lstm.compression.fine_tuning.calibrate import calibrate, quantise_modules, quantised
from pynq_lstm.compression.fine_tuning.export import export, export_layers
from pynq_lstm.compression.fine_tuning.module import QuantisedLSTM

__all__ = [
    "QuantisedLSTM",
    "calibrate",
    "export",
    "export_layers",
    "quantise_modules",
    "quantised",
]
