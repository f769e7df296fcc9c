# SPDX-License-Identifier: Apache-2.0
"""``<top>_cosim.rpt``: whether the RTL did what the C did, and in how many cycles."""

from dataclasses import dataclass
from typing import Optional, Tuple

from reports import text
from reports.csynth import count
from reports.errors import OtherToolError, TruncatedReportError


@dataclass(frozen=True)
class CosimReport:
    """Result of the simulated language.

    Attributes
    ----------
    language, status : str
        ``Verilog`` or ``VHDL``; ``Pass`` or ``Fail``.
    latency, interval : tuple of int or None
        Least, average and greatest, in cycles, over the calls of the kernel.
    """

    language: str
    status: str
    latency: Tuple[Optional[int], Optional[int], Optional[int]]
    interval: Tuple[Optional[int], Optional[int], Optional[int]]

    @property
    def passed(self):
        """Whether RTL and C agree."""
        return self.status == "Pass"


def read_cosim(path):
    """Read ``solution/sim/report/<top>_cosim.rpt``.

    Raises
    ------
    TruncatedReportError, OtherToolError, ReportError
    """
    content = text.load(path)
    if "Latency(Clock Cycles)" not in content:
        raise OtherToolError(
            "report", content[:40], "not a report of cosim_design", "name a <top>_cosim.rpt"
        )
    if not content.rstrip().endswith("-+"):
        raise TruncatedReportError("report", str(path), "the table has no end", "run cosim again")
    rows = [text.cells(line) for line in content.splitlines() if line.startswith("|")]
    for row in rows:
        if row[0] in ("Verilog", "VHDL") and len(row) >= 8 and row[1] in ("Pass", "Fail"):
            numbers = [count(cell) for cell in row[2:8]]
            return CosimReport(row[0], row[1], tuple(numbers[:3]), tuple(numbers[3:]))
    raise TruncatedReportError("Status", "", "no language was simulated", "run cosim again")
