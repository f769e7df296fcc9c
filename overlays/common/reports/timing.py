# SPDX-License-Identifier: Apache-2.0
"""``report_timing_summary``: whether the clocks hold."""

import re
from dataclasses import dataclass

from reports import text
from reports.errors import ReportError, TruncatedReportError

MET = "All user specified timing constraints are met."
NOT_MET = "Timing constraints are not met."


@dataclass(frozen=True)
class Timing:
    """The design timing summary.

    Attributes
    ----------
    version, design, device : str
    wns_ns, whs_ns, wpws_ns : float
        Worst slack of setup, hold and pulse width; negative where a constraint is missed.
    tns_ns, ths_ns, tpws_ns : float
        Their sums over all failing endpoints.
    failing : tuple of int
        Failing endpoints of setup, hold and pulse width.
    endpoints : int
        Endpoints of setup in all.
    clocks_mhz : tuple of (str, float)
    """

    version: str
    design: str
    device: str
    wns_ns: float
    tns_ns: float
    whs_ns: float
    ths_ns: float
    wpws_ns: float
    tpws_ns: float
    failing: tuple
    endpoints: int
    clocks_mhz: tuple

    @property
    def met(self):
        """Whether nothing fails, and something was looked at."""
        return self.endpoints > 0 and min(self.wns_ns, self.whs_ns, self.wpws_ns) >= 0


def read_timing(path):
    """Read a report of ``report_timing_summary -file``.

    Raises
    ------
    TruncatedReportError
        Ends early.
    OtherToolError
        Of another command, tool or version.
    ReportError
        Its verdict contradicts its numbers.
    """
    content = text.load(path)
    head = text.vivado_header(content, "report_timing_summary")
    found = re.search(
        r"^\| Design Timing Summary\n.*\n-+\n\s*\n *WNS\(ns\) .*\n[- ]+\n((?: *\S+){12}) *\n",
        content,
        re.MULTILINE,
    )
    verdict = re.search(rf"^({re.escape(MET)}|{re.escape(NOT_MET)})$", content, re.MULTILINE)
    if not found or not verdict or "\n| Timing Details\n" not in content:
        raise TruncatedReportError(
            "Design Timing Summary", str(path), "not whole", "run report_timing_summary again"
        )
    try:
        wns, tns, late, all_ends, whs, ths, short, _, wpws, tpws, narrow, _ = (
            float(word) for word in found[1].split()
        )
    except ValueError:
        raise TruncatedReportError(
            "Design Timing Summary", found[1], "no numbers", "constrain a clock, report again"
        ) from None
    timing = Timing(
        head["version"],
        head["design"],
        head["device"],
        *(wns, tns, whs, ths, wpws, tpws),
        failing=(int(late), int(short), int(narrow)),
        endpoints=int(all_ends),
        clocks_mhz=_clocks(content),
    )
    if timing.met != (verdict[1] == MET and not any(timing.failing)):
        raise ReportError("verdict", verdict[1], f"but WNS is {wns}", "run the report again")
    return timing


def _clocks(content):
    found = re.search(
        r"^\| Clock Summary\n.*\n-+\n\n.*\n[- ]+\n((?:.*\S.*\n)+)", content, re.MULTILINE
    )
    if not found:
        raise TruncatedReportError("Clock Summary", "", "no clocks", "run the report again")
    rows = re.findall(r"^ *(\S+) +\{[^}]*\} +[\d.]+ +([\d.]+) *$", found[1], re.MULTILINE)
    return tuple((name, float(mhz)) for name, mhz in rows)
