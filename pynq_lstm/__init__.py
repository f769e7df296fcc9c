"""LSTM inference on the ZCU104 from Python: compressed, and exactly the same everywhere."""

from pynq_lstm.compare import compare
from pynq_lstm.compression.compress import compress
from pynq_lstm.errors import (
    BackendError,
    BackendFallbackWarning,
    CalibrationError,
    CompressionError,
    InputError,
    MissingExtraError,
    ModelFormatError,
    NetworkError,
    PynqLstmError,
    SaturationWarning,
)
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel
from pynq_lstm.network import Layer, Network
from pynq_lstm.runtime.report import Benchmark, RunReport
from pynq_lstm.runtime.session import Session
from pynq_lstm.runtime.sessions import clear_sessions, infer, load
from pynq_lstm.version import __version__

__all__ = [
    "BackendError",
    "BackendFallbackWarning",
    "Benchmark",
    "CalibrationError",
    "CompressedModel",
    "CompressionError",
    "Head",
    "InputError",
    "Layer",
    "MissingExtraError",
    "ModelFormatError",
    "Network",
    "NetworkError",
    "PynqLstmError",
    "RunReport",
    "SaturationWarning",
    "Session",
    "__version__",
    "clear_sessions",
    "compare",
    "compress",
    "infer",
    "load",
]
