"""Many calls of one session: what grows? ``make soak`` asks it of a million."""

import gc
import os
from pathlib import Path

import numpy as np

WARM_UP = 2000


def resident_bytes():
    """Memory of this process that is in RAM."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files():
    """Files that this process has open."""
    return len(os.listdir("/proc/self/fd"))


def soak(session, x, expected, calls):
    """Call `infer` so often; every answer is compared.

    Returns
    -------
    dict
        "calls", "wrong", "grown_bytes", "files", "buffers": int, each but the first the growth.
    """
    device = session._calls.backend.board.device
    for _ in range(WARM_UP):
        session.infer(x)
    gc.collect()
    before = resident_bytes(), open_files(), device.live_buffers
    wrong = 0
    for _ in range(calls):
        wrong += not np.array_equal(session.infer(x)[0], expected)
    gc.collect()
    after = resident_bytes(), open_files(), device.live_buffers
    grown = [b - a for a, b in zip(before, after)]
    return {
        "calls": calls,
        "wrong": wrong,
        **dict(zip(("grown_bytes", "files", "buffers"), grown)),
    }
