"""Faults of a board that can be switched on by name."""

from enum import Enum

from pynq_lstm.errors import InputError


class Fault(str, Enum):
    """What can go wrong; each happens once for every time that it was added."""

    NO_AP_DONE = "no_ap_done"  # the next command never ends
    LATE_AP_DONE = "late_ap_done"  # it takes `LATE` times as long
    WRONG_IDENTITY = "wrong_identity"  # IDENTIFY finds another magic number
    WRONG_HASH = "wrong_hash"  # or the hash of another design
    MEMORY_EXHAUSTED = "memory_exhausted"  # the next buffer cannot be allocated
    CORRUPTED_IMAGE = "corrupted_image"  # a bit of the next image flips on its way
    FAILING_ACCESS = "failing_access"  # the next access to a register raises OSError
    LOST_INTERRUPT = "lost_interrupt"  # the next interrupt does not arrive
    NO_OUTPUT = "no_output"  # the next RUN ends well, and nothing of it reaches memory
    REFUSED = "refused"  # the next RUN is refused as SHORT_INPUT


LATE = 10


class Faults:
    """Which faults wait for their turn.

    Parameters
    ----------
    names : iterable of str
        Added once each.

    Raises
    ------
    InputError
        An unknown name.
    """

    def __init__(self, names=()):
        self._waiting = {}
        self._until_failure, self._error = 0, OSError  # operations; 0: none is to fail
        for name in names:
            self.add(name)

    def add(self, name, times=1):
        """Let a fault happen the next `times` times that it can.

        Raises
        ------
        InputError
            An unknown name, or a number below 1.
        """
        known = [fault.value for fault in Fault]
        if name not in known:
            raise InputError("fault", name, "unknown", f"choose from {known}")
        _check_count("times", times)
        self._waiting[Fault(name)] = self._waiting.get(Fault(name), 0) + times

    def clear(self):
        """Nothing goes wrong any more."""
        self._waiting.clear()
        self._until_failure = 0

    def waiting(self):
        """Faults that have not happened yet: how often each, by name."""
        return {fault.value: times for fault, times in self._waiting.items()}

    def fail_operation(self, n, error=OSError):
        """Let the n-th operation from now raise an error, once.

        Operations are register reads and writes, allocate, flush, invalidate and free; the one
        that fails does nothing.

        Parameters
        ----------
        n : int
        error : type
            Of the error; KeyboardInterrupt is a Ctrl-C at that moment.

        Raises
        ------
        InputError
            A number below 1.
        """
        _check_count("n", n)
        self._until_failure, self._error = n, error

    def operation(self):
        """Count one operation.

        Raises
        ------
        OSError or another
            It is the one that `fail_operation` named.
        """
        if self._until_failure:
            self._until_failure -= 1
            if not self._until_failure:
                raise self._error("emulated fault: this operation fails")

    def take(self, fault):
        """Whether a fault happens now."""
        times = self._waiting.get(fault, 0)
        if times > 1:
            self._waiting[fault] = times - 1
        elif times:
            del self._waiting[fault]
        return times > 0


def _check_count(field, value):
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(field, value, "not a whole number above 0", "count from 1")
