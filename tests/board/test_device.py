"""Is it the right overlay, and does it come back from a reset?"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_model import small_case

from pynq_lstm.accelerator.identity import MAGIC, VERSION
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.doctor import examine
from pynq_lstm.runtime.fpga.self_test import echo

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.SaturationWarning")
OPEN = """
import sys
sys.path[:0] = {path!r}
from small_model import small_case
import pynq_lstm as pl
try:
    pl.load(small_case()[0], backend="fpga")
except pl.DeviceBusy as error:
    print("busy", error)
"""


def test_the_doctor_finds_nothing_to_mend(place):
    ill = [finding for finding in examine(place) if not finding.well]
    assert not ill


def test_identity(board, files):
    read = board.registers.read
    assert (read("magic"), read("version")) == (MAGIC, VERSION)
    assert read("hash_high") << 32 | read("hash_low") == files.design.hash64


def test_patterns_come_back(board):
    with board.turn():
        for _ in range(100):
            echo(board)


def test_every_way_to_the_registers_reads_the_same(board):
    kernel, ways = board.overlay.kernel, []
    try:
        for way in ("mmio", "memoryview", "c"):
            try:
                kernel.use(way)
            except DeviceError:
                continue
            ways.append(way)
            assert kernel.registers.read("magic") == MAGIC
    finally:
        kernel.use(None)
    assert kernel.registers.way == ways[-1]  # the fastest


def test_a_reset_and_a_load_bring_it_back(board, load):
    model, x = small_case()
    with load(model, "reference") as reference:
        expected = reference.infer(x)[0]
    session = load(model)
    for bring_back in (board.recover, board.overlay.download):
        np.testing.assert_array_equal(session.infer(x)[0], expected)
        with board.turn():
            bring_back()
            board.recover()
        np.testing.assert_array_equal(session.infer(x)[0], expected)


@pytest.mark.hardware
def test_the_fastest_way_is_in_use(board):
    assert board.registers.way == "c"


@pytest.mark.hardware
def test_another_process_is_told_that_the_board_is_busy(board):
    ran = subprocess.run(
        [sys.executable, "-c", OPEN.format(path=sys.path)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert ran.stdout.startswith("busy") and str(os.getpid()) in ran.stdout, ran.stderr


@pytest.mark.hardware
def test_buffers_are_given_back_to_the_system(load):
    model, x = small_case()

    def free():
        return int(re.search(r"CmaFree: +(\d+)", Path("/proc/meminfo").read_text())[1])

    with load(model) as session:
        session.infer(x)
    before = free()
    for _ in range(20):
        with load(model) as session:
            session.infer(np.repeat(x, 100, axis=1))
    assert free() > before - 1024  # kB


@pytest.mark.hardware
def test_power_is_measured(load):
    model, x = small_case()
    power = load(model).power(x, seconds=0.5)
    assert 0 < power.idle < 100 and 0 < power.busy < 100 and power.joules > 0
