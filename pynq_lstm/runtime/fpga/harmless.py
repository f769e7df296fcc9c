"""Errors after which the kernel is as it was: nothing needs to be reset."""

from pynq_lstm.errors import DeviceError


class HarmlessError(DeviceError):
    """Something could not be done, and nothing was begun."""


class BufferMemoryError(HarmlessError):
    """There is not as much contiguous memory."""


class StateLostError(HarmlessError):
    """What a stream had on chip is gone since an earlier reset."""
