"""The reset wire of a device that has one, without pynq; tests/driver pulses an emulated one."""

import subprocess
import sys

import pytest

from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.reset_line import ResetLine


class Device:
    """Has a wire; writes and sleeps are noted in order."""

    def __init__(self, fails_at=()):
        self.log, self.fails_at = [], fails_at

    def gpio_write(self, index, value):
        self.log.append((index, value))
        if len(self.log) in self.fails_at:
            raise OSError("wire")

    def sleep(self, seconds):
        self.log.append(seconds)
        if len(self.log) in self.fails_at:
            raise KeyboardInterrupt


def test_pulse_holds_and_settles():
    device = Device()
    ResetLine(device, 3).pulse(device)
    high, hold, low, settle = device.log
    assert (high, low) == ((3, 1), (3, 0))
    assert hold >= 1e-3 and settle > 0


def test_making_one_does_not_reset():
    device = Device()
    ResetLine(device, 0)
    assert not device.log


def test_an_interrupted_pulse_lets_go():
    device = Device(fails_at=[2])
    with pytest.raises(KeyboardInterrupt):
        ResetLine(device, 0).pulse(device)
    assert device.log[-1] == (0, 0)


@pytest.mark.parametrize("at", [1, 3])
def test_a_wire_that_fails_is_a_device_error(at):
    device = Device(fails_at=[at])
    with pytest.raises(DeviceError, match="reset line = 0: cannot be pulsed: OSError: wire"):
        ResetLine(device, 0).pulse(device)
    assert (0, 0) in device.log


@pytest.mark.parametrize("capability", [None, "REMOTE"])
def test_a_device_without_a_wire_is_refused(capability):
    """Neither pynq on a PC nor a remote device without its service has a GPIO."""
    code = f"""
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.reset_line import ResetLine

class Device:
    def has_capability(self, name):
        return name == {capability!r}

try:
    ResetLine(Device(), 0)
except DeviceError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("reset line = 0: there is none: "), done.stderr
