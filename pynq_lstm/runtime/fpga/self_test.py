"""Through the kernel and back: do CPU and kernel see the same memory?"""

import numpy as np

from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.accelerator.native import Command
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.area import Area, free_all

BEATS = 512
SECONDS = 1e-4  # generous; the deadline is 50 ms


def echo(board):
    """Send a pattern through the kernel by ECHO and compare what comes back.

    The target holds another pattern first, in memory and in the CPU's cache, so that a flush or
    an invalidation that does nothing shows.

    Parameters
    ----------
    board : Board

    Raises
    ------
    DeviceError
        What came back is not what was sent; how much of it is stale.
    """
    sent = np.random.default_rng(0).integers(0, 256, (BEATS, BEAT)).astype(np.uint8)
    areas = []
    try:
        for _ in range(2):
            areas.append(Area(board.device, BEATS * BEAT))
        source, target = areas
        source.put(sent)
        target.put(~sent)
        source.flush()
        target.flush()
        board.commands.run(
            Command.ECHO, SECONDS, source=(source.address, BEATS), target=(target.address, BEATS)
        )
        target.invalidate()
        found = target.beats[:BEATS].copy()
    except BaseException:
        board.halt()  # before memory is given back that the kernel may be writing to
        raise
    finally:
        free_all(areas)
    if not np.array_equal(found, sent):
        wrong = int((found != sent).any(axis=1).sum())
        stale = int((found == ~sent).all(axis=1).sum())
        raise DeviceError(
            "echo",
            f"{wrong} of {BEATS} beats differ, {stale} of them stale",
            "CPU and kernel do not see the same memory",
            "update the image's XRT (its zocl must flush buffers); see docs/board.md",
        )
