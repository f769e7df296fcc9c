# SPDX-License-Identifier: Apache-2.0
"""``report_utilization``: what Vivado used of the device."""

from dataclasses import dataclass

from reports import text
from reports.errors import TruncatedReportError
from reports.resources import Resources, Use

# kind -> heading of the table, name of the row
ROWS = {
    "lut": ("1. CLB Logic", "CLB LUTs"),
    "ff": ("1. CLB Logic", "CLB Registers"),
    "bram36": ("3. BLOCKRAM", "Block RAM Tile"),
    "uram": ("3. BLOCKRAM", "URAM"),
    "dsp": ("4. ARITHMETIC", "DSPs"),
}


@dataclass(frozen=True)
class Utilisation:
    """Used and available of every kind, for a whole design.

    Attributes
    ----------
    version, design, device, state : str
        `state` is ``Routed`` or ``Physopt postRoute`` after implementation.
    lut, ff, bram36, uram, dsp : Use
    """

    version: str
    design: str
    device: str
    state: str
    lut: Use
    ff: Use
    bram36: Use
    uram: Use
    dsp: Use

    @property
    def resources(self):
        """What is used."""
        return Resources(
            **{kind: getattr(self, kind).used for kind in ("lut", "ff", "dsp", "bram36", "uram")}
        )


def read_utilisation(path):
    """Read a report of ``report_utilization -file`` on an UltraScale+ device.

    Raises
    ------
    TruncatedReportError, OtherToolError, ReportError
    """
    content = text.load(path)
    head = text.vivado_header(content, "report_utilization")
    uses = {}
    for kind, (title, row) in ROWS.items():
        rows = text.table(content, title)
        # before placement the LUTs carry an asterisk and a footnote
        found = rows.get(row) or rows.get(row + "*")
        if not found:
            raise TruncatedReportError(title, sorted(rows), f"no row {row}", "report again")
        try:
            used, available = float(found["Used"]), float(found["Available"])
        except (KeyError, ValueError):
            raise TruncatedReportError(row, found, "no numbers", "report again") from None
        uses[kind] = Use(*(int(n) if n == int(n) else n for n in (used, available)))
    return Utilisation(**head, **uses)
