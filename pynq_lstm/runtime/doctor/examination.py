"""All checks of this machine, in the order in which one would mend."""

import importlib
import os
import sys
from functools import partial
from importlib import metadata
from pathlib import Path

from pynq_lstm.accelerator.native import find_compiler
from pynq_lstm.errors import BackendError
from pynq_lstm.runtime.doctor import hardware, software
from pynq_lstm.runtime.doctor.example import example, overlay
from pynq_lstm.runtime.doctor.findings import Place, of_error
from pynq_lstm.runtime.doctor.self_test import self_test
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.process_lock import ProcessLock
from pynq_lstm.runtime.sessions import load

_MEMINFO = Path("/proc/meminfo")
_RUNTIME = "pynq_lstm.runtime"


def examine(place=None):
    """Look at everything that running a model needs.

    Parameters
    ----------
    place : Place, optional
        Default: this machine with this environment.

    Returns
    -------
    list of Finding
        Of the package, then of the device; the self-test is the last but one, then the clock,
        which the self-test's overlay has set. Nothing is raised: what fails is a finding.
    """
    place = place or Place.here()
    findings = []
    for name, check in (*_software(place), *_hardware(place)):
        try:
            found = check()
        except Exception as error:  # the doctor's own surprises are findings as well
            found = of_error(name, error)
        findings += found if isinstance(found, list) else [found]
    return findings


def _software(place):
    pynq = _version("pynq")
    lacking = [name for name in software.REQUIREMENTS if _version(name) is None]
    yield "board", partial(software.board, place)
    yield "Python", partial(software.python, sys.version_info[:3])
    yield "pynq", partial(software.pynq, pynq, place)
    for name in ("numpy", "pycparser"):
        yield name, partial(software.capped, name, _version(name), pynq)
    yield "requirements", partial(software.requirements, lacking)
    for name, module, builder, needed in (
        ("C kernels", "cpu._kernel", "cpu.build", True),
        ("C register access", "fpga._access", "fpga.access_build", place.backend == "fpga"),
    ):
        error = _import_error(f"{_RUNTIME}.{module}")
        yield name, partial(software.extension, name, error, f"{_RUNTIME}.{builder}", needed)
    yield "C++ compiler", partial(software.compiler, _compiler(), place)


def _hardware(place):
    yield "permissions", partial(hardware.permissions, os.geteuid(), place)
    yield "overlay", partial(hardware.overlays, files.folders(), place)
    yield "buffer memory", lambda: hardware.memory(_MEMINFO.read_text(), place)
    yield "lock", partial(hardware.lock, ProcessLock(f"pynq_lstm-{place.board}"), place)
    yield "self-test", partial(_self_test, place)
    if place.uses_pynq:
        yield "clock", partial(_clock, place)


def _self_test(place):
    found = overlay(files.folders()) if place.backend == "fpga" else None
    options = {} if found is None else {"overlay": str(found.bit)}
    model, x = example(found and found.design)
    open_session = partial(load, model, place.backend, **options)
    return self_test(x, open_session, partial(load, model, "reference"), found and found.design)


def _clock(place):
    model, _ = example()
    if place.emulate:
        design = files.design_for(model)
    else:
        design = (overlay(files.folders()) or files.find(None, model)).design
    try:
        mhz = importlib.import_module("pynq.ps").Clocks.fclk0_mhz
    except (ImportError, RuntimeError):
        if place.board is not None:
            raise
        mhz = None  # pynq 3.0.1 reads clocks on boards only
    return hardware.clock(mhz, design.clock_mhz)


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _import_error(module):
    try:
        importlib.import_module(module)
    except ImportError as error:
        return error
    return None


def _compiler():
    try:
        return find_compiler()
    except BackendError:
        return None
