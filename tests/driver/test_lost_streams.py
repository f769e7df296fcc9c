"""Streams whose state was lost say so, and are the only ones that notice."""

import numpy as np
import pytest
from recording import RecordingDevice
from small_sessions import CASES, expected, open_session, variants

import pynq_lstm as pl

MODEL, X = CASES[0]
OTHER, Y = CASES[1]
WHOLE, OTHER_WHOLE = expected(MODEL, X), expected(OTHER, Y)


@pytest.fixture
def device(new_device):
    return new_device(kind=RecordingDevice)


@pytest.fixture
def session(device):
    with open_session(device, MODEL) as opened:
        yield opened


@pytest.fixture
def another(device):
    with open_session(device, OTHER) as opened:
        yield opened


def step(stream, t, x=X, whole=WHOLE):
    """Step `t` of a sequence, which is right."""
    np.testing.assert_array_equal(stream.step(x[:, 0, t]), whole[:, 0, t])


def lose(device, session, stream):
    """Have the kernel reset while the stream's state is on chip."""
    step(stream, 0)
    device.faults.add("no_ap_done")  # of STATE_READ
    with pytest.raises(pl.DeviceTimeout):
        session.infer(X)


@pytest.mark.parametrize("own", [True, False])
def test_stepping_a_lost_stream_resets_nothing(device, session, another, own):
    healthy, x, whole = (session.stream(), X, WHOLE) if own else (another.stream(), Y, OTHER_WHOLE)
    lost = session.stream()
    step(healthy, 0, x, whole)
    lose(device, session, lost)
    step(healthy, 1, x, whole)  # its state was safe, and is on chip again
    resets, downloads = device.resets, device.downloads
    with pytest.raises(pl.DeviceError, match="state.*lost"):
        lost.step(X[:, 0, 1])
    step(healthy, 2, x, whole)
    with pytest.raises(pl.PynqLstmError):
        lost.step(X[:, 0, 1])
    with pytest.raises(pl.PynqLstmError):
        lost.state  # noqa: B018
    step(healthy, 3, x, whole)
    lost.reset()
    step(lost, 0)
    step(healthy, 4, x, whole)
    assert (device.resets, device.downloads) == (resets, downloads)


def test_a_generator_that_reports_an_old_failure_resets_nothing(device, session, another):
    answers = session.infer_many(variants(X, 3))
    next(answers)
    device.faults.add("no_ap_done")  # of the third, which is started next
    next(answers)
    stream = another.stream()
    step(stream, 0, Y, OTHER_WHOLE)  # the failure is found here, and is not this stream's
    resets, downloads = device.resets, device.downloads
    assert resets
    step(stream, 1, Y, OTHER_WHOLE)
    with pytest.raises(pl.DeviceTimeout):
        next(answers)
    step(stream, 2, Y, OTHER_WHOLE)
    assert (device.resets, device.downloads) == (resets, downloads)


def test_another_overlay_is_loaded_whatever_becomes_of_a_stream(device, session):
    stream = session.stream()
    step(stream, 0)
    device.faults.add("no_ap_done")  # of STATE_READ
    with open_session(device, OTHER, "svd_lstm") as opened:
        np.testing.assert_array_equal(opened.infer(Y)[0], OTHER_WHOLE)
        with pytest.raises(pl.DeviceError, match="state.*lost"):
            stream.step(X[:, 0, 1])
        np.testing.assert_array_equal(session.infer(X)[0], WHOLE)
        np.testing.assert_array_equal(opened.infer(Y)[0], OTHER_WHOLE)


def test_a_session_of_the_same_overlay_opens_at_the_second_attempt(device, session):
    stream = session.stream()
    step(stream, 0)
    device.faults.add("no_ap_done")  # of STATE_READ
    with pytest.raises(pl.DeviceTimeout):
        open_session(device, OTHER)
    with open_session(device, OTHER) as opened:
        np.testing.assert_array_equal(opened.infer(Y)[0], OTHER_WHOLE)
        with pytest.raises(pl.DeviceError, match="state.*lost"):
            stream.step(X[:, 0, 1])
        np.testing.assert_array_equal(session.infer(X)[0], WHOLE)


def by_infer(session, another):
    session.infer(X)


def by_another(session, another):
    next(another.infer_many([Y]))


@pytest.mark.parametrize("use", [by_infer, by_another])
def test_a_state_on_chip_is_lost_by_a_reset(device, session, another, use):
    another.infer(Y)
    session.infer(X)
    stream = session.stream()
    step(stream, 0)
    resets = device.resets
    device.faults.fail_operation(1)
    with pytest.raises(pl.DeviceError):
        use(session, another)
    assert device.resets > resets
    with pytest.raises(pl.DeviceError, match="state.*lost"):
        stream.step(X[:, 0, 1])
    stream.reset()
    step(stream, 0)
