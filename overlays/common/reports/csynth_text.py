# SPDX-License-Identifier: Apache-2.0
"""``<top>_csynth.rpt``: the same estimates as text, without modules and loops."""

import re

from reports import text
from reports.csynth import CSynthReport, count
from reports.errors import OtherToolError, TruncatedReportError
from reports.resources import Resources

NUMBER = r"\| *(\d+|\?) *"


def read_csynth_text(path):
    """Read ``solution/syn/report/<top>_csynth.rpt``.

    Raises
    ------
    TruncatedReportError, OtherToolError, ReportError
    """
    content = text.load(path)
    head = re.search(r"^== Vitis HLS Report for '(\w+)'$", content, re.MULTILINE)
    if not head:
        raise OtherToolError(
            "report", content[:40], "not a report of Vitis HLS", "name a <top>_csynth.rpt"
        )
    clock = _find(content, r"^ *\|ap_clk *\| *([\d.]+) ns *\| *([\d.]+) ns *\| *([\d.]+) ns *\|$")
    cycles = _find(
        content,
        r"\+ Latency: *\n(?:.*\n){5} *"
        + (NUMBER * 2 + r"\|[^|]*\|[^|]*" + NUMBER * 2)
        + r"\|[ \w()]+\|$",
    )
    columns, total, available = _utilisation(content)
    return CSynthReport(
        version=text.check_version(_find(content, r"^\* Version: +(\S+)")[1], "Version"),
        top=head[1],
        part=_find(content, r"^\* Target device: +(\S+)")[1],
        target_ns=float(clock[1]),
        estimated_ns=float(clock[2]),
        uncertainty_ns=float(clock[3]),
        latency=(count(cycles[1]), count(cycles[2])),
        interval=(count(cycles[3]), count(cycles[4])),
        resources=_resources(columns, total),
        available=_resources(columns, available),
    )


def _find(content, pattern):
    found = re.search(pattern, content, re.MULTILINE)
    if not found:
        raise TruncatedReportError("report", pattern, "not found", "run csynth again")
    return found


def _utilisation(content):
    found = _find(
        content,
        r"^== Utilization Estimates\n=+\n\* Summary: *\n(\+[-+]+\+)\n(\|.*\|)\n\1\n"
        r"(?:\|.*\|\n)+\1\n\|Total(.*)\|\n\1\n\|Available(.*)\|\n\1\n\|Utilization \(%\).*\|\n\1$",
    )
    return text.cells(found[2])[1:], text.cells(found[3]), text.cells(found[4])


def _resources(columns, row):
    values = {name: int(cell) for name, cell in zip(columns, row)}
    try:
        return Resources(
            values["LUT"], values["FF"], values["DSP"], values["BRAM_18K"] / 2, values["URAM"]
        )
    except KeyError as error:
        raise TruncatedReportError(
            "Utilization Estimates", columns, f"no column {error}", "run csynth again"
        ) from None
