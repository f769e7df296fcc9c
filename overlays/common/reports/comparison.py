# SPDX-License-Identifier: Apache-2.0
"""Modelled, estimated and implemented resources side by side."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from reports.csynth import CSynthReport, read_csynth_xml
from reports.errors import ReportError
from reports.timing import Timing, read_timing
from reports.utilisation import Utilisation, read_utilisation

KINDS = ("dsp", "bram36", "uram", "lut", "ff")
HEAD = ("", "modelled", "estimated, Vitis", "implemented, Vivado", "available")


@dataclass(frozen=True)
class Comparison:
    """One overlay's numbers; what was not run yet is None.

    Attributes
    ----------
    model : dict
        ``dsp``, ``bram36``, ``uram``, ``lut`` ([least, most]), maybe ``ff``, ``cycles_a_step``.
    estimated : CSynthReport or None
    implemented : Utilisation or None
    timing : Timing or None
    """

    model: dict
    estimated: Optional[CSynthReport] = None
    implemented: Optional[Utilisation] = None
    timing: Optional[Timing] = None

    @classmethod
    def load(cls, build, model):
        """Read what there is in a build folder.

        Parameters
        ----------
        build, model : path
            The folder, and the JSON file of the resource model.
        """
        build = Path(build)
        files = (
            (read_csynth_xml, build / "hls/solution/syn/report/csynth.xml"),
            (read_utilisation, build / "utilization.rpt"),
            (read_timing, build / "timing.rpt"),
        )
        return cls(
            read_model(model), *(read(path) if path.is_file() else None for read, path in files)
        )

    def rows(self):
        """Cells of the table, as text."""
        for kind in KINDS:
            available = "-"
            if self.implemented:
                available = shown(getattr(self.implemented, kind).available)
            elif self.estimated:
                available = shown(getattr(self.estimated.available, kind))
            yield (
                kind.upper(),
                shown(self.model.get(kind)),
                shown(self.estimated and getattr(self.estimated.resources, kind)),
                shown(self.implemented and getattr(self.implemented.resources, kind)),
                available,
            )
        period = self.estimated and f"{self.estimated.estimated_ns:.3f}"
        slack = self.timing and f"WNS {self.timing.wns_ns:+.3f}"
        yield ("clock, ns", "-", shown(period), shown(slack), "-")
        yield ("cycles a step", shown(self.model.get("cycles_a_step")), "-", "-", "-")

    def markdown(self):
        """The table, and what it says about pipelines and timing."""
        lines = [HEAD, ["---"] * len(HEAD), *self.rows()]
        text = ["| " + " | ".join(line) + " |" for line in lines]
        if self.estimated:
            text += ["", f"Vitis HLS {self.estimated.version}, {self.estimated.part}. "]
            loops = self.estimated.slow_loops
            slow = [f"{loop.module}/{loop.name} {loop.interval}" for loop in loops]
            text[-1] += "Initiation intervals above 1: " + (", ".join(slow) or "none") + "."
        if self.timing:
            verdict = "met" if self.timing.met else "NOT met"
            text += ["", f"Vivado {self.timing.version}: timing {verdict}."]
        return "\n".join(text) + "\n"


def read_model(path):
    """The resource model's numbers.

    Raises
    ------
    ReportError
        Not JSON, or without ``dsp``, ``bram36``, ``uram`` and ``lut``, or not numbers.
    """
    try:
        model = json.loads(Path(path).read_text())
        for kind in ("dsp", "bram36", "uram", "lut"):
            _check_number(model[kind])
        for kind in ("ff", "cycles_a_step"):
            _check_number(model.get(kind, 0))
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReportError(
            "model", str(path), f"not the resource model's JSON: {error!r}", "write it again"
        ) from None
    return model


def _check_number(value):
    least, most = value if isinstance(value, list) else (value, value)
    if not 0 <= least <= most:
        raise ValueError(f"{value} is not in order")


def shown(value):
    """A cell: thousands apart, a range of two, a dash for what is not known."""
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return " to ".join(shown(part) for part in value)
    if isinstance(value, str):
        return value
    return f"{int(value):,}" if value == int(value) else f"{value:,.1f}"
