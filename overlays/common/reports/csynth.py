# SPDX-License-Identifier: Apache-2.0
"""``csynth.xml``: what Vitis HLS estimates of a kernel, module by module and loop by loop."""

from dataclasses import dataclass
from typing import Optional, Tuple
from xml.etree import ElementTree

from reports import text
from reports.errors import OtherToolError, TruncatedReportError
from reports.resources import Resources


@dataclass(frozen=True)
class Loop:
    """A loop of a module.

    Attributes
    ----------
    module, name : str
    trip_count, interval, depth : int or None
        None where the tool does not know, or the loop is no pipeline.
    """

    module: str
    name: str
    trip_count: Optional[int]
    interval: Optional[int]
    depth: Optional[int]


@dataclass(frozen=True)
class Module:
    """A function of its own in the RTL."""

    name: str
    latency: Tuple[Optional[int], Optional[int]]
    resources: Resources


@dataclass(frozen=True)
class CSynthReport:
    """The report on one kernel.

    Attributes
    ----------
    version, top, part : str
    target_ns, uncertainty_ns, estimated_ns : float
        Clock periods; the estimate must stay below target less uncertainty.
    latency, interval : tuple of int or None
        Least and greatest, in cycles; None where they depend on the data.
    resources, available : Resources
    modules : tuple of Module
    loops : tuple of Loop
    """

    version: str
    top: str
    part: str
    target_ns: float
    uncertainty_ns: float
    estimated_ns: float
    latency: Tuple[Optional[int], Optional[int]]
    interval: Tuple[Optional[int], Optional[int]]
    resources: Resources
    available: Resources
    modules: Tuple[Module, ...] = ()
    loops: Tuple[Loop, ...] = ()

    @property
    def slow_loops(self):
        """Pipelines that start an iteration less often than every cycle."""
        return tuple(loop for loop in self.loops if (loop.interval or 1) > 1)


def read_csynth_xml(path):
    """Read ``solution/syn/report/csynth.xml``.

    Raises
    ------
    TruncatedReportError, OtherToolError, ReportError
    """
    content = text.load(path)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise TruncatedReportError(
            "csynth.xml", str(path), str(error), "run csynth again"
        ) from None
    if root.tag != "profile":
        raise OtherToolError(
            "csynth.xml", root.tag, "not a <profile> of Vitis HLS", "name its csynth.xml"
        )
    overall = "PerformanceEstimates/SummaryOfOverallLatency/"
    modules = tuple(_module(node) for node in root.iterfind("ModuleInformation/Module"))
    loops = [
        loop
        for node in root.iterfind("ModuleInformation/Module")
        for loop in _loops(_text(node, "Name"), node)
    ]
    return CSynthReport(
        version=text.check_version(_text(root, "ReportVersion/Version"), "ReportVersion"),
        top=_text(root, "UserAssignments/TopModelName"),
        part=_text(root, "UserAssignments/Part"),
        target_ns=float(_text(root, "UserAssignments/TargetClockPeriod")),
        uncertainty_ns=float(_text(root, "UserAssignments/ClockUncertainty")),
        estimated_ns=float(
            _text(root, "PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod")
        ),
        latency=_pair(root, overall + "Best-caseLatency", overall + "Worst-caseLatency"),
        interval=_pair(root, overall + "Interval-min", overall + "Interval-max"),
        resources=_resources(root, "AreaEstimates/Resources"),
        available=_resources(root, "AreaEstimates/AvailableResources"),
        modules=modules,
        loops=tuple(loops),
    )


def _text(node, path):
    found = node.findtext(path)
    if found is None or not found.strip():
        raise TruncatedReportError(path, "", "not in csynth.xml", "run csynth again")
    return found.strip()


def count(word):
    """A number of cycles, or None for "undef" and "?"."""
    return int(word) if word.isdigit() else None


def _pair(node, least, most):
    return count(_text(node, least)), count(_text(node, most))


def _resources(node, path):
    def number(name):
        return int(_text(node, f"{path}/{name}"))

    return Resources(
        lut=number("LUT"),
        ff=number("FF"),
        dsp=number("DSP"),
        bram36=number("BRAM_18K") / 2,
        uram=number("URAM"),
    )


def _module(node):
    overall = "PerformanceEstimates/SummaryOfOverallLatency/"
    return Module(
        _text(node, "Name"),
        _pair(node, overall + "Best-caseLatency", overall + "Worst-caseLatency"),
        _resources(node, "AreaEstimates/Resources"),
    )


def _loops(module, node):
    """Loops are elements named after themselves, the inner ones within the outer."""
    pending = list(node.iterfind("PerformanceEstimates/SummaryOfLoopLatency/*"))
    for loop in pending:
        pending.extend(inner for inner in loop if inner.find("TripCount") is not None)
        yield Loop(
            module,
            loop.tag,
            *(
                count(loop.findtext(field, "").strip())
                for field in ("TripCount", "PipelineII", "PipelineDepth")
            ),
        )
