"""PYNQ_LSTM_EMULATE=1 lets pynq find the emulated board; nothing else does."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import warnings
warnings.simplefilter("ignore")
import pynq
import pynq_lstm.runtime.emulator
import pynq_lstm.runtime.emulator.device
print([type(device).__name__ for device in pynq.Device.devices])
if pynq.Device.devices:
    import numpy
    buffer = pynq.allocate(16, numpy.uint8)
    print(type(buffer).__name__, pynq.Device.active_device.live_buffers)
"""


def run(environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


def test_pynq_finds_the_emulated_board():
    assert run({"PYNQ_LSTM_EMULATE": "1"})[:2] == ["['ProbedDevice']", "EmulatedBuffer 1"]


@pytest.mark.parametrize("value", ["", "0"])
def test_pynq_finds_nothing_without_being_told(value):
    assert run({"PYNQ_LSTM_EMULATE": value})[0] == "[]"
