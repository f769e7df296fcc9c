"""Checks of a board: permissions, overlays, memory, lock, clock. Each takes what it judges."""

import re

from pynq_lstm.errors import DeviceError, OverlayError
from pynq_lstm.runtime.doctor.findings import MISSING, NOT_HERE, OK, WRONG, Finding, of_error
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.manifest import Manifest

FEWEST_BYTES = 16 << 20  # free contiguous memory: image, inputs and outputs of a large model
CLOCK_TOLERANCE = 0.01
_PAGE, _OVERLAYS = "see docs/board.md", "see docs/overlays.md"


def permissions(user, place):
    """May the registers be reached? `user`: effective number of the user."""
    if place.board is None:
        return Finding("permissions", NOT_HERE, "no registers to reach")
    if user == 0:
        return Finding("permissions", OK, "root")
    return Finding("permissions", WRONG, f"user {user}", f"run as root (sudo -E); {_PAGE}")


def overlays(folders, place):
    """Which bitstreams are there, and are their files those of the manifest?

    Parameters
    ----------
    folders : sequence of Path
        Each with a folder for each overlay.
    place : Place

    Returns
    -------
    list of Finding
        One a bitstream; one if there is none.
    """
    bits = [bit for folder in folders for bit in sorted(folder.glob("*/*.bit"))]
    if bits:
        return [_overlay(bit) for bit in bits]
    if place.backend == "fpga":
        looked = " or ".join(str(folder) for folder in folders)
        return [
            Finding(
                "overlay", MISSING, f"no .bit in {looked}", f"build, fetch or copy one; {_OVERLAYS}"
            )
        ]
    return [Finding("overlay", NOT_HERE, "no bitstream; the emulator makes its own files")]


def _overlay(bit):
    name = f"overlay {bit.parent.name}"
    try:
        Manifest.load(files.at(bit).manifest).check_files()
    except OverlayError as error:
        return of_error(name, error)
    return Finding(name, OK, str(bit))


def memory(meminfo, place):
    """Is there contiguous memory for buffers? `meminfo`: text of /proc/meminfo."""
    values = dict(re.findall(r"^Cma(Total|Free): +(\d+) kB$", meminfo, re.M))
    if place.board is None or len(values) < 2:
        return Finding("buffer memory", NOT_HERE, "not that of a board")
    total, free = (int(values[name]) << 10 for name in ("Total", "Free"))
    found = f"{free >> 20} of {total >> 20} MiB free"
    if free >= FEWEST_BYTES:
        return Finding("buffer memory", OK, found)
    return Finding(
        "buffer memory",
        WRONG,
        found,
        f"end other notebooks that use pynq; {FEWEST_BYTES >> 20} MiB should be free",
    )


def lock(process_lock, place):
    """Does another process use the device? `process_lock`: a ProcessLock of that device."""
    if place.board is None:
        return Finding("lock", NOT_HERE, "of boards only")
    try:
        with process_lock:
            return Finding("lock", OK, "free")
    except DeviceError as error:
        return of_error("lock", error)


def clock(mhz, wanted_mhz):
    """Is the kernel's clock what it was made for, or slower? `mhz`: None where it is not known."""
    if mhz is None:
        return Finding("clock", NOT_HERE, "cannot be read here")
    if mhz > wanted_mhz * (1 + CLOCK_TOLERANCE):
        remedy = f"the overlay was built for {wanted_mhz:g} MHz: load it again"
        return Finding("clock", WRONG, f"{mhz:g} MHz", remedy)
    slower = mhz < wanted_mhz * (1 - CLOCK_TOLERANCE)
    less = f", slower than the {wanted_mhz:g} MHz that the overlay could do" * slower
    return Finding("clock", OK, f"{mhz:g} MHz{less}")
