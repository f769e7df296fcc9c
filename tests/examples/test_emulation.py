"""What decides where a notebook runs, by what there is; tests/driver has it with pynq."""

import os
import re
import sys

import pytest

import pynq_lstm as pl
from pynq_lstm.examples import emulation
from pynq_lstm.examples.emulation import emulate_without_board
from pynq_lstm.runtime.backends import device_of

NAME = "PYNQ_LSTM_EMULATE"


@pytest.fixture(autouse=True)
def no_board(monkeypatch):
    monkeypatch.setattr(emulation.presence, "board_name", lambda: None)
    monkeypatch.setenv(NAME, "")  # so that it is as before in the end, whoever changes it
    monkeypatch.delenv(NAME)


@pytest.fixture
def no_pynq(monkeypatch):
    monkeypatch.delitem(sys.modules, "pynq_lstm.runtime.emulator.backend", raising=False)
    monkeypatch.setitem(sys.modules, "pynq", None)
    monkeypatch.setattr(emulation, "find_compiler", lambda: "g++")


def test_with_pynq_the_emulator(monkeypatch):
    monkeypatch.setattr(emulation, "_lacking", lambda: "")
    assert emulate_without_board() == "models run on: an emulated ZCU104 (PYNQ_LSTM_EMULATE=1)"
    assert os.environ[NAME] == "1" and device_of("auto") == "emulator"
    assert emulate_without_board(required=True).endswith("(PYNQ_LSTM_EMULATE=1)")


def test_without_pynq_the_cpu(no_pynq):
    said = emulate_without_board()
    assert said.startswith("models run on: the CPU; no board is here, and none is emulated (pynq")
    assert NAME not in os.environ and device_of("auto") is None


def test_without_a_compiler_the_cpu(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "none is emulated (no C++ compiler found)" in emulate_without_board()
    assert NAME not in os.environ


def test_a_pynq_that_cannot_be_imported_is_none(no_pynq, monkeypatch):
    def broken(name):
        raise AttributeError("module 'numpy' has no attribute 'float'")

    monkeypatch.setattr(emulation.importlib, "import_module", broken)
    assert "(pynq cannot be imported: module 'numpy' has no" in emulate_without_board()
    assert NAME not in os.environ


def test_what_needs_either_ends_with_what_to_do(no_pynq):
    with pytest.raises(pl.DeviceError, match="none can be emulated .pynq cannot.*pip install"):
        emulate_without_board(required=True)
    assert NAME not in os.environ


@pytest.mark.parametrize("value, place", [("0", "the CPU; .*EMULATE=0"), ("1", "an emulated")])
def test_a_variable_that_is_set_stays(value, place, monkeypatch):
    monkeypatch.setenv(NAME, value)
    monkeypatch.setattr(emulation, "_lacking", lambda: pytest.fail("looked at"))
    assert re.search(place, emulate_without_board())
    assert os.environ[NAME] == value


def test_on_a_board_nothing_is_set(monkeypatch):
    monkeypatch.setattr(emulation.presence, "board_name", lambda: "ZCU104")
    assert "on: this ZCU104" in emulate_without_board(required=True)
    assert NAME not in os.environ and device_of("auto") == "fpga"
