"""Bounded and timed dataflow simulation of HLS C++, without a synthesis tool.

``build`` instruments a copy of a plain Vitis HLS kernel and compiles it; ``Simulation`` runs it
from Python; ``Report`` says how many cycles it took under assumed numbers, or why it got stuck.
"""

from .build import build
from .errors import DepthError, InstrumentationError, SimulationError
from .library import DECLARATIONS, Simulation, report
from .report import Blocked, Fifo, Loop, Process, Report

__all__ = [
    "DECLARATIONS",
    "Blocked",
    "DepthError",
    "Fifo",
    "InstrumentationError",
    "Loop",
    "Process",
    "Report",
    "Simulation",
    "SimulationError",
    "build",
    "report",
]
