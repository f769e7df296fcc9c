"""The doctor's checks of a board and its self-test, on made-up machines."""

import os
import subprocess
import sys

import numpy as np
import overlay_folder
import pytest

import pynq_lstm as pl
from pynq_lstm.errors import DeviceTimeout
from pynq_lstm.runtime.doctor import Place, examination, hardware
from pynq_lstm.runtime.doctor.example import example
from pynq_lstm.runtime.doctor.self_test import self_test
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.process_lock import ProcessLock

BOARD, PC, EMULATOR = Place("ZCU104", False), Place(None, False), Place(None, True)
HOLD = """
import sys
from pynq_lstm.runtime.fpga.process_lock import ProcessLock
with ProcessLock("board", sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize(
    "user, place, verdict", [(0, BOARD, "ok"), (1000, BOARD, "wrong"), (1000, PC, "not here")]
)
def test_permissions(user, place, verdict):
    found = hardware.permissions(user, place)
    assert found.verdict == verdict and ("sudo" in found.remedy) == (verdict == "wrong")


@pytest.fixture
def overlay(tmp_path):
    """A folder with one overlay, whose files are those of its manifest."""
    return overlay_folder.make(tmp_path, files.designs()["svd_lstm"])


def test_an_overlay_that_is_whole(overlay):
    (found,) = hardware.overlays([overlay.parent / "nowhere", overlay.parent], BOARD)
    assert (found.name, found.verdict) == ("overlay svd_lstm", "ok"), found
    assert str(overlay) in found.found


@pytest.mark.parametrize(
    "spoil, text",
    [
        (lambda folder: (folder / "svd_lstm.bit").write_bytes(b"other"), "sha256"),
        (lambda folder: (folder / "svd_lstm.hwh").unlink(), "missing"),
        (lambda folder: (folder / "manifest.json").unlink(), "missing"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "damaged"),
    ],
)
def test_an_overlay_that_is_not(overlay, spoil, text):
    spoil(overlay)
    (found,) = hardware.overlays([overlay.parent], BOARD)
    assert found.verdict == "wrong" and text in found.found and found.remedy


def test_no_overlay(tmp_path):
    (found,) = hardware.overlays([tmp_path], BOARD)
    assert found.verdict == "missing" and str(tmp_path) in found.found and found.remedy
    for place in (PC, EMULATOR):
        (found,) = hardware.overlays([tmp_path], place)
        assert found.verdict == "not here"


@pytest.mark.parametrize(
    "text, place, verdict",
    [
        ("MemTotal: 2 kB\nCmaTotal:  524288 kB\nCmaFree:   500000 kB\n", BOARD, "ok"),
        ("MemTotal: 2 kB\nCmaTotal:  524288 kB\nCmaFree:     1024 kB\n", BOARD, "wrong"),
        ("CmaTotal:  524288 kB\nCmaFree:     1024 kB\n", PC, "not here"),
        ("MemTotal: 2 kB\n", BOARD, "not here"),
    ],
)
def test_buffer_memory(text, place, verdict):
    assert hardware.memory(text, place).verdict == verdict


def test_a_free_lock_stays_free(tmp_path):
    for _ in range(2):
        assert hardware.lock(ProcessLock("board", tmp_path), BOARD).verdict == "ok"
    assert hardware.lock(ProcessLock("board", tmp_path), PC).verdict == "not here"


def test_a_lock_that_another_process_holds(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        assert holder.stdout.readline() == "held\n"
        found = hardware.lock(ProcessLock("board", tmp_path), BOARD)
        assert found.verdict == "wrong" and str(holder.pid) in found.found
    finally:
        holder.communicate("\n", timeout=60)
    assert hardware.lock(ProcessLock("board", tmp_path), BOARD).verdict == "ok"


@pytest.mark.parametrize(
    "mhz, verdict", [(200.0, "ok"), (199.998, "ok"), (250.0, "wrong"), (None, "not here")]
)
def test_clock(mhz, verdict):
    assert hardware.clock(mhz, 200).verdict == verdict


def test_a_slower_clock_is_no_fault_and_named():
    found = hardware.clock(187.5, 200)
    assert found.verdict == "ok" and "slower than the 200 MHz" in found.found


def sessions(ours="cpu"):
    model, x = example()
    return x, lambda: pl.load(model, ours), lambda: pl.load(model, "reference")


def test_a_self_test_that_passes():
    found = self_test(*sessions())
    assert found.verdict == "ok" and "cpu" in found.found


class Lying:
    """A session whose last bit is wrong."""

    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    def infer(self, x):
        out, (h, c) = self.session.infer(x)
        c = np.array(c)
        c.flat[-1] += 2.0**-12
        return out, (h, c)

    def __getattr__(self, name):
        return getattr(self.session, name)


def test_a_self_test_with_one_bit_wrong():
    x, ours, reference = sessions()
    found = self_test(x, lambda: Lying(ours()), reference)
    assert found.verdict == "wrong" and found.remedy


def test_whatever_fails_is_a_finding(monkeypatch):
    """No check ends the examination: neither with an error of ours nor with a surprise."""

    def fails(*_):
        raise DeviceTimeout("CTRL", 1, "did not end", "reset it")

    def surprises(*_):
        raise ZeroDivisionError("unexpected")

    monkeypatch.setattr(examination, "_self_test", fails)
    monkeypatch.setattr(examination.hardware, "permissions", surprises)
    found = {finding.name: finding for finding in examination.examine(PC)}
    assert found["self-test"].verdict == found["permissions"].verdict == "wrong"
    assert found["self-test"].remedy == "reset it" and "did not end" in found["self-test"].found
    assert "unexpected" in found["permissions"].found
    assert found["lock"].verdict == "not here"
