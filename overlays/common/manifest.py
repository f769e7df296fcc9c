# SPDX-License-Identifier: Apache-2.0
"""The manifest of an overlay: which files, of which design, at which addresses, how good."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from hardware_handoff import HandoffError, check_driver_header, read_hwh
from reports import read_csynth_xml, read_timing, read_utilisation

from pynq_lstm.accelerator.registers import REQUIRED, vlnv
from pynq_lstm.errors import OverlayError, PynqLstmError
from pynq_lstm.runtime.fpga.manifest import FORMAT


class TimingError(PynqLstmError, ValueError):
    """A bitstream whose clocks do not hold."""


def sha256(path):
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def manifest(design, build, kernel, allow_timing=False):
    """What ``manifest.json`` holds.

    Parameters
    ----------
    design : Design
    build : Path
        Build folder with overlay.bit, overlay.hwh and the reports.
    kernel : str
        Top function.
    allow_timing : bool
        Take a bitstream that misses its timing; the manifest says so.

    Returns
    -------
    dict

    Raises
    ------
    TimingError, HandoffError, OverlayError, ReportError
    """
    estimated = read_csynth_xml(build / "hls/solution/syn/report/csynth.xml")
    used = read_utilisation(build / "utilization.rpt")
    timing = read_timing(build / "timing.rpt")
    _check_timing(timing, design, allow_timing)
    system, peripherals = read_hwh(build / "overlay.hwh")
    _check_parts(design, estimated, used, system)
    instance = peripherals.get(f"{kernel}_0")
    if instance is None or instance.vlnv != vlnv(design):
        raise HandoffError(
            f"{kernel}_0", instance and instance.vlnv, f"not {vlnv(design)}", "build it again"
        )
    lacking = [name for name in REQUIRED if name not in instance.registers]
    if lacking:
        raise HandoffError("registers", lacking, "not in the .hwh", "build the kernel again")
    for header in (build / "hls/solution/impl/ip/drivers").rglob("*_hw.h"):
        check_driver_header(header, instance.registers)
    counter = peripherals.get("cycle_counter_0")
    return {
        "format": FORMAT,
        "name": design.name,
        "design_hash": f"{design.hash64:016x}",
        "part": design.part,
        "board": system.get("BOARD", ""),
        "clock_mhz": design.clock_mhz,
        "kernel": asdict(instance),
        "cycle_counter": counter and {k: v for k, v in asdict(counter).items() if k != "registers"},
        "files": {
            f"{design.name}.bit": sha256(build / "overlay.bit"),
            f"{design.name}.hwh": sha256(build / "overlay.hwh"),
        },
        "tools": {"vitis_hls": estimated.version, "vivado": timing.version},
        "timing": {
            "met": timing.met,
            "allowed_though_missed": allow_timing and not timing.met,
            **{key: value for key, value in asdict(timing).items() if key.endswith("_ns")},
        },
        "utilisation": {
            kind: asdict(getattr(used, kind)) for kind in ("lut", "ff", "dsp", "bram36", "uram")
        },
    }


def _check_timing(timing, design, allow_timing):
    if not timing.met and not allow_timing:
        raise TimingError(
            "wns_ns",
            min(timing.wns_ns, timing.whs_ns, timing.wpws_ns),
            "timing is not met",
            "lower clock_mhz, try another STRATEGY, or ALLOW_TIMING=1 for an experiment",
        )
    if not any(abs(mhz / design.clock_mhz - 1) < 0.01 for _, mhz in timing.clocks_mhz):
        raise OverlayError(
            "clocks", timing.clocks_mhz, f"none of {design.clock_mhz} MHz", "build it again"
        )


def _check_parts(design, estimated, used, system):
    device, package = design.part.split("-")[:2]
    for field, value, wanted in (
        ("part of csynth.xml", estimated.part, design.part),
        ("device of utilization.rpt", used.device, design.part),
        ("device of the .hwh", system.get("DEVICE"), device),
        ("package of the .hwh", system.get("PACKAGE"), package),
    ):
        if value != wanted:
            raise OverlayError(field, value, f"not {wanted}", "build this design again")
    if not used.state.startswith(("Routed", "Physopt postRoute")):
        raise OverlayError("design state", used.state, "not routed", "implement it")
