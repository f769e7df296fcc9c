# SPDX-License-Identifier: Apache-2.0
"""Reports of Vitis HLS and Vivado as dataclasses, and beside what the resource model says.

Run with ``overlays/common`` on the path: ``python -m reports --build FOLDER --model FILE``.
"""

from reports.cosim import CosimReport, read_cosim
from reports.csynth import CSynthReport, Loop, Module, read_csynth_xml
from reports.csynth_text import read_csynth_text
from reports.errors import OtherToolError, ReportError, TruncatedReportError
from reports.resources import Resources, Use
from reports.timing import Timing, read_timing
from reports.utilisation import Utilisation, read_utilisation

__all__ = [
    "CSynthReport",
    "CosimReport",
    "Loop",
    "Module",
    "OtherToolError",
    "ReportError",
    "Resources",
    "Timing",
    "TruncatedReportError",
    "Use",
    "Utilisation",
    "read_cosim",
    "read_csynth_text",
    "read_csynth_xml",
    "read_timing",
    "read_utilisation",
]
