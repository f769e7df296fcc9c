"""Waiting for the kernel: spin, then sleep, always under a deadline."""

import time

SPIN = 50e-6  # seconds before the first sleep
SHORTEST, LONGEST = 50e-6, 1e-3  # seconds of a sleep
LEAST, FACTOR = 50e-3, 20  # of the deadline


class HostClock:
    """Seconds of this machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


def clock_of(device):
    """The clock that a device's deadlines count on: its own where it is emulated."""
    return getattr(device, "clock", None) or HostClock


def deadline(expected):
    """Seconds that a command may take.

    Parameters
    ----------
    expected : float
        Seconds, modelled.

    Returns
    -------
    float
        20 times that, 50 ms at least.
    """
    return max(LEAST, FACTOR * expected)


def wait_done(registers, clock, until):
    """Sleep and look until ap_done is set.

    Sleeps grow with the time waited, so that a long run costs few reads and ends at most a
    sixteenth late.

    Parameters
    ----------
    registers : BoundRegisters
    clock : object
        ``now()`` and ``sleep(seconds)``.
    until : float
        On that clock.

    Returns
    -------
    bool
        False: the deadline passed.
    """
    begin = clock.now()
    while not registers.done():
        now = clock.now()
        if now >= until:
            return registers.done()
        clock.sleep(min(max((now - begin) / 16, SHORTEST), LONGEST, until - now))
    return True
