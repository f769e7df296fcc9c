"""PYNQ_LSTM_EMULATE=1, given or set by a notebook, lets pynq find the emulated board."""

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


NOTEBOOK = """
import warnings
warnings.simplefilter("ignore")
import pynq_lstm as pl
import pynq_lstm.runtime.emulator
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.examples.emulation import emulate_without_board
print(emulate_without_board(required=True))
import pynq
print([type(device).__name__ for device in pynq.Device.devices])
network, calibration = fashion_mnist.network(), fashion_mnist.calibration()
with pl.load(pl.compress(network, calibration=calibration, refinements=1)) as session:
    print(session.backend)
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


def test_a_notebook_sets_it_where_there_is_no_board():
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    given.pop("PYNQ_LSTM_EMULATE", None)
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], env=given, capture_output=True, text=True, timeout=120
    )
    said = "models run on: an emulated ZCU104 (PYNQ_LSTM_EMULATE=1)"
    assert done.stdout.splitlines() == [said, "['ProbedDevice']", "emulator"], done.stderr
