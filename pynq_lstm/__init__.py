"""LSTM inference on the ZCU104 from Python: compressed, and exactly the same everywhere."""

from pynq_lstm.budgets.budget import Budget
from pynq_lstm.budgets.result import SearchResult
from pynq_lstm.budgets.search import search
from pynq_lstm.budgets.trial import Trial
from pynq_lstm.candidate import Candidate
from pynq_lstm.compare import compare
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.grouping import Grouping, grouping
from pynq_lstm.compression.tuning import fine_tune
from pynq_lstm.errors import (
    BackendError,
    BackendFallbackWarning,
    BuildError,
    CalibrationError,
    CompressionError,
    DeviceBusy,
    DeviceError,
    DeviceFailed,
    DeviceTimeout,
    FetchError,
    InputError,
    MissingExtraError,
    ModelFormatError,
    NetworkError,
    OverlayError,
    PynqLstmError,
    SaturationWarning,
)
from pynq_lstm.exploration.explore import explore
from pynq_lstm.exploration.result import Exploration
from pynq_lstm.head import Head
from pynq_lstm.layer import Layer
from pynq_lstm.model import CompressedModel
from pynq_lstm.network import Network
from pynq_lstm.runtime.benchmark import Benchmark
from pynq_lstm.runtime.network_report import NetworkReport
from pynq_lstm.runtime.network_session import NetworkSession
from pynq_lstm.runtime.network_stream import NetworkStream
from pynq_lstm.runtime.power import Power
from pynq_lstm.runtime.report import RunReport
from pynq_lstm.runtime.session import Session
from pynq_lstm.runtime.sessions import clear_sessions, infer, load
from pynq_lstm.runtime.stream import Stream
from pynq_lstm.stack import Stack
from pynq_lstm.version import __version__
from pynq_lstm.wiring import Wiring

__all__ = [
    "BackendError",
    "BackendFallbackWarning",
    "Benchmark",
    "Budget",
    "BuildError",
    "CalibrationError",
    "Candidate",
    "CompressedModel",
    "CompressedNetwork",
    "CompressionError",
    "DeviceBusy",
    "DeviceError",
    "DeviceFailed",
    "DeviceTimeout",
    "Exploration",
    "FetchError",
    "Grouping",
    "Head",
    "InputError",
    "Layer",
    "MissingExtraError",
    "ModelFormatError",
    "Network",
    "NetworkError",
    "NetworkReport",
    "NetworkSession",
    "NetworkStream",
    "OverlayError",
    "Power",
    "PynqLstmError",
    "RunReport",
    "SaturationWarning",
    "SearchResult",
    "Session",
    "Stack",
    "Stream",
    "Trial",
    "Wiring",
    "__version__",
    "clear_sessions",
    "compare",
    "compress",
    "explore",
    "fine_tune",
    "grouping",
    "infer",
    "load",
    "search",
]
