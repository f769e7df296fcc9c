"""Tests of the driver and of the emulator, through the pynq library."""

import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("accelerator", "kernel", "driver")]

from driver_fixtures import driver_cases, new_device  # noqa: E402, F401
from pynq_state import forget  # noqa: E402

# compiled kernels are kept from run to run, beside other things that were built
os.environ.setdefault("PYNQ_LSTM_CACHE", str(TESTS.parent / "build" / "emulator"))
os.environ.pop("PYNQ_LSTM_EMULATE", None)


@pytest.fixture(autouse=True)
def clean_pynq():
    """What pynq keeps for the whole process is as a fresh import leaves it."""
    forget()
    yield
    forget()


@pytest.fixture(scope="session")
def tiny_files():
    """The overlay of the smallest design."""
    from designs import TINY

    from pynq_lstm.runtime.emulator.overlay_files import overlay_files

    return overlay_files(TINY)


@pytest.fixture
def device(new_device):  # noqa: F811
    """An emulated board that is pynq's active device; nothing is loaded."""
    from pynq import Device

    made = new_device()
    Device.active_device = made
    return made
