"""Load a timed simulation, set its assumed numbers, run it and read its report."""

import json
import shutil
import tempfile
from pathlib import Path

import cffi

from .build import settings
from .errors import SimulationError
from .report import Span, parse_report

DECLARATIONS = """
const char *hlssim_report(void);
const char *hlssim_spans(void);
int hlssim_failed(void);
void hlssim_set(const char *name, double value);
"""
PER_LOOP = ("ii", "depth", "stalling")


def report(lib):
    """The report of the last run.

    Parameters
    ----------
    lib : cffi library
        Opened with ``DECLARATIONS`` among its declarations.

    Returns
    -------
    Report
    """
    return parse_report(json.loads(cffi.FFI().string(lib.hlssim_report())))


class Simulation:
    """A private copy of a timed kernel: its static memories start as they do in hardware.

    Parameters
    ----------
    path : path
        As returned by ``build``.
    declarations : str
        C declarations of the top function, for cffi.

    Attributes
    ----------
    ffi : cffi.FFI
    lib : cffi library
        Call the top function on it; `report` tells how that went.
    manifest : dict
        The loops, FIFOs and processes of the source.
    """

    def __init__(self, path, declarations):
        self.manifest = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
        self.ffi = cffi.FFI()
        self.ffi.cdef(DECLARATIONS + declarations)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / Path(path).name
            shutil.copyfile(path, copy)
            self.lib = self.ffi.dlopen(str(copy))

    def set(self, name, value):
        """Override an assumed number for the runs that follow.

        Parameters
        ----------
        name : str
            One of timing.json, or ``ii:LOOP``, ``depth:LOOP``, ``stalling:LOOP``, ``fifo:NAME``.
            LOOP is ``function.label``; the depth is that before ``depth_factor``.
        value : float

        Returns
        -------
        Simulation
            This one.

        Raises
        ------
        SimulationError
            No such name.
        """
        kind, _, of = name.partition(":")
        if kind in PER_LOOP and of:
            known = of in {loop["key"] for loop in self.manifest["loops"]}
        elif kind == "fifo" and of:
            known = of.partition("[")[0] in self.manifest["fifos"]
        else:
            known = name in settings()
        if not known:
            raise SimulationError("setting", name, "unknown", "see timing.json and the manifest")
        self.lib.hlssim_set(name.encode(), value)
        return self

    def report(self):
        """The Report of the last run."""
        return report(self.lib)

    def spans(self):
        """Every run of a pipelined loop in the last run, those of a process in their order.

        Returns
        -------
        tuple of Span
        """
        return tuple(Span(*s) for s in json.loads(self.ffi.string(self.lib.hlssim_spans())))
