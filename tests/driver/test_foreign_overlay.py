"""Somebody else loads an overlay on the same device, by pynq itself."""

import shutil

import numpy as np
import pynq
import pytest
from recording import RecordingDevice
from small_sessions import CASES, TINY, expected, open_session

import pynq_lstm as pl
from pynq_lstm.accelerator.registers import KERNEL_BASE
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga.files import designs

MODEL, X = CASES[0]
OTHER, Y = CASES[1]
COUNTER_END = KERNEL_BASE + 0x2_0000


@pytest.fixture
def device(new_device):
    return new_device(kind=RecordingDevice)


def of_this_package(folder, name="svd_lstm"):
    return overlay_files(designs()[name]).bit


def the_same(folder):
    return of_this_package(folder, TINY)


def of_somebody_else(folder):
    """No kernel at all: nothing answers at its addresses."""
    files = overlay_files(designs()["svd_lstm"])
    shutil.copy(files.hwh, folder / "foreign.hwh")
    return shutil.copy(files.bit, folder / "foreign.bit")


@pytest.mark.parametrize("foreign", [of_this_package, the_same, of_somebody_else])
def test_the_next_call_loads_its_own_before_it_touches_a_register(device, tmp_path, foreign):
    with open_session(device, MODEL) as session, session.stream() as stream:
        session.infer(X)
        stream.step(X[:, 0, 0])
        pynq.Overlay(str(foreign(tmp_path)), device=device)
        device.log.clear()
        np.testing.assert_array_equal(session.infer(X)[0], expected(MODEL, X))
        loaded = device.log.index(("download", overlay_files(designs()[TINY]).bit.name))
        touched = [a for _, a in device.log[:loaded] if KERNEL_BASE <= a < COUNTER_END]
        assert not touched
        with pytest.raises(pl.DeviceError, match="state.*lost"):
            stream.step(X[:, 0, 1])
        downloads = device.downloads
        np.testing.assert_array_equal(session.infer(X)[0], expected(MODEL, X))
        assert device.downloads == downloads


@pytest.mark.parametrize("foreign", [of_this_package, the_same, of_somebody_else])
def test_another_session_opens_and_this_one_closes(device, tmp_path, foreign):
    with open_session(device, MODEL) as session:
        answers = session.infer_many([X, X, X])
        next(answers)
        pynq.Overlay(str(foreign(tmp_path)), device=device)
        with open_session(device, OTHER) as another:
            np.testing.assert_array_equal(another.infer(Y)[0], expected(OTHER, Y))
            pynq.Overlay(str(foreign(tmp_path)), device=device)
            session.close()
            np.testing.assert_array_equal(another.infer(Y)[0], expected(OTHER, Y))
    assert device.live_buffers == 0


def test_closing_loads_nothing(device):
    first, second = open_session(device, MODEL), open_session(device, OTHER, "svd_lstm")
    stream = first.stream()
    second.infer(Y)
    downloads = device.downloads
    stream.reset()
    stream.close()
    first.close()
    np.testing.assert_array_equal(second.infer(Y)[0], expected(OTHER, Y))
    assert device.downloads == downloads
    second.close()
    assert device.downloads == downloads and device.live_buffers == 0
