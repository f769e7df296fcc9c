"""Every register access and every buffer operation of load, infer and close fails once.

The emulator counts operations; a trial makes one of them raise and then asks what a user would:
does the process go on, is every buffer back, does the next call work?
"""

from collections import Counter

import numpy as np
from pynq_state import forget

from pynq_lstm.errors import DeviceError, DeviceFailed
from pynq_lstm.runtime.emulator.device import EmulatedDevice
from pynq_lstm.runtime.sessions import load


def operations(model, x):
    """How many operations load, two calls of infer and close take."""
    forget()  # or pynq would program the clocks of another device
    device = EmulatedDevice()
    _use(model, x, device)
    count = device.operations
    device.close()
    return count


def _use(model, x, device):
    with load(model, backend="emulator", device=device, overlay="svd_lstm_tiny") as session:
        session.infer(x)
        return session.infer(x)[0]


def trial(model, x, expected, number):
    """Let operation `number` fail; returns what the user saw of it.

    Returns
    -------
    str
        "load", "infer" or "close": where a DeviceError came up; "nothing" if nowhere.
    """
    forget()
    device = EmulatedDevice()
    device.faults.fail_operation(number)
    try:
        seen = _failing_use(model, x, expected, device)
        assert device.operations >= number, f"operation {number} did not come"
        assert device.live_buffers == 0, f"operation {number}: {device.live_buffers} buffers left"
        # whatever happened, a fresh session on the same board works
        np.testing.assert_array_equal(_use(model, x, device), expected)
        assert device.live_buffers == 0
    finally:
        device.close()
    return seen


def _failing_use(model, x, expected, device):
    seen, session = "load", None
    try:
        session = load(model, backend="emulator", device=device, overlay="svd_lstm_tiny")
        seen = "infer"
        session.infer(x)
        seen = "nothing"
    except DeviceError:
        pass
    if session is None:
        return seen
    try:
        try:
            np.testing.assert_array_equal(session.infer(x)[0], expected)
        except DeviceFailed:  # allowed to say so, not to give another answer
            pass
        except DeviceError:  # the operation that fails was one of this call
            seen = "infer"
            np.testing.assert_array_equal(session.infer(x)[0], expected)
    finally:
        try:
            session.close()
        except DeviceError:
            seen = "close"
    return seen


def run(model, x, expected, numbers):
    """Trials of these operations; how often each outcome was seen."""
    return Counter(trial(model, x, expected, number) for number in numbers)
