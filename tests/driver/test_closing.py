"""Memory is given back when the kernel is done with it, whatever interrupts."""

import contextlib

import numpy as np
import pynq
import pytest
from by_hand import IDLE
from recording import RecordingDevice
from small_sessions import CASES, ctrl_c, expected, open_session

import pynq_lstm as pl
from pynq_lstm.accelerator.registers import KERNEL_BASE

MODEL, X = CASES[0]
OTHER, Y = CASES[1]
LONG = np.tile(X, (1, 8, 40, 1))


@pytest.fixture
def device(new_device):
    return new_device(kind=RecordingDevice)


@pytest.fixture(params=["overlay stays open", "last session"])
def another(request, device):
    """A session that stays open, or None."""
    opened = open_session(device, OTHER) if request.param == "overlay stays open" else None
    yield opened
    if opened is not None:
        opened.close()
    assert device.live_buffers == 0


def suspended(session):
    """A generator whose last RUN is at work, and will be for long."""
    device = session._calls.backend.board.device
    answers = session.infer_many([LONG, LONG, LONG])
    next(answers)
    device.faults.add("late_ap_done")
    next(answers)
    assert kernel(device).read(0) == 1
    return answers


def kernel(device):
    return pynq.MMIO(KERNEL_BASE, 4096, device=device)


def check_rest(device):
    """The kernel has not touched memory that was freed, and will not."""
    device.clock.sleep(10)
    with contextlib.suppress(RuntimeError):  # it may be held in reset
        assert kernel(device).read(0) & IDLE
    assert device.bus_faults == 0


def works(device, another):
    """The next call gives its answer."""
    if another is not None:
        np.testing.assert_array_equal(another.infer(Y)[0], expected(OTHER, Y))
    with open_session(device, MODEL) as session:
        np.testing.assert_array_equal(session.infer(X)[0], expected(MODEL, X))


def test_with_a_run_in_flight(device, another):
    session = open_session(device, MODEL)
    answers = suspended(session)
    session.close()
    check_rest(device)
    with pytest.raises(pl.PynqLstmError):
        list(answers)
    works(device, another)


def test_with_a_run_in_flight_that_never_ends(device, another):
    session = open_session(device, MODEL)
    answers = session.infer_many([LONG, LONG, LONG])
    next(answers)
    device.faults.add("no_ap_done")
    next(answers)
    session.close()
    check_rest(device)
    works(device, another)


def test_ctrl_c_while_closing(device, another):
    session = open_session(device, MODEL)
    answers = suspended(session)
    with pytest.raises(KeyboardInterrupt), ctrl_c(device):
        session.close()
    check_rest(device)
    session.close()
    with pytest.raises(pl.PynqLstmError):
        list(answers)
    works(device, another)


@pytest.mark.parametrize("again", [False, True])
def test_ctrl_c_during_recovery(device, another, again):
    session = open_session(device, MODEL)
    session.infer(X)
    resets = device.resets
    device.faults.add("no_ap_done")
    with pytest.raises(KeyboardInterrupt), ctrl_c(device, lambda: device.resets > resets):
        session.infer(X)
    assert device.resets > resets
    if again:
        resets = device.resets
        with pytest.raises(KeyboardInterrupt), ctrl_c(device, lambda: device.resets > resets):
            session.infer(X)
    np.testing.assert_array_equal(session.infer(X)[0], expected(MODEL, X))
    session.close()
    works(device, another)


def test_ctrl_c_during_recovery_then_close(device, another):
    session = open_session(device, MODEL)
    resets = device.resets
    device.faults.add("no_ap_done")
    with pytest.raises(KeyboardInterrupt), ctrl_c(device, lambda: device.resets > resets):
        session.infer(X)
    session.close()
    check_rest(device)
    works(device, another)


def test_ctrl_c_while_the_kernel_runs(device, another):
    session = open_session(device, MODEL)
    device.faults.add("late_ap_done")
    with pytest.raises(KeyboardInterrupt), ctrl_c(device):
        session.infer(LONG)
    np.testing.assert_array_equal(session.infer(X)[0], expected(MODEL, X))
    device.faults.add("late_ap_done")
    with pytest.raises(KeyboardInterrupt), ctrl_c(device):
        session.infer(LONG)
    session.close()
    check_rest(device)
    works(device, another)
