"""Time on the emulated board: modelled, or the host's."""

import time

ACCESS_SECONDS = 2e-6  # of a register access from Python; assumed, no board was measured


class ModelledClock:
    """Time that passes by register accesses, by sleeping, and by waiting for an interrupt."""

    def __init__(self):
        self._now = 0.0

    def now(self):
        """Seconds since the device was made."""
        return self._now

    def sleep(self, seconds):
        """Let time pass; returns at once."""
        self._now += max(0.0, float(seconds))

    def access(self):
        """Let the time of a register access pass."""
        self._now += ACCESS_SECONDS

    def delay(self, moment):
        """Host seconds until a moment, for whoever waits without polling: none."""
        return 0.0

    def reach(self, moment):
        """Let time pass up to a moment."""
        self._now = max(self._now, moment)


class HostClock:
    """The host's time, for a device that is reached from another process."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def access(self):
        """Nothing: an access takes the time it takes."""

    def delay(self, moment):
        """Seconds until a moment."""
        return max(0.0, moment - self.now())

    def reach(self, moment):
        """Nothing: time passes by itself."""
