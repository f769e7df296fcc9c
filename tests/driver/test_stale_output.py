"""What an earlier run left in memory is never given out as an answer."""

from functools import partial

import numpy as np
import pytest
from recording import RecordingDevice
from small_sessions import CASES, expected, open_session

import pynq_lstm as pl

MODEL, X = CASES[0]
OTHER, Y = CASES[1]
FAULTS = {"no_output": "stale", "refused": "SHORT_INPUT"}


@pytest.fixture
def device(new_device):
    return new_device(kind=RecordingDevice)


def reset(device, session, x):
    resets = device.resets
    device.faults.add("no_ap_done")
    with pytest.raises(pl.DeviceTimeout):
        session.infer(x)
    assert device.resets > resets


def refuse(device, call, fault):
    """The call says that it has no output."""
    device.faults.add(fault)
    with pytest.raises(pl.DeviceError, match=FAULTS[fault]):
        call()
    assert not device.faults.waiting()


@pytest.mark.parametrize("fault", FAULTS)
def test_right_after_an_answer(device, fault):
    with open_session(device, MODEL) as session:
        for x in (X, -X - 1):
            session.infer(X)
            refuse(device, partial(session.infer, x), fault)
            np.testing.assert_array_equal(session.infer(x)[0], expected(MODEL, x))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("same", [True, False])
def test_of_another_session_after_a_reset(device, fault, same):
    with open_session(device, MODEL) as first, open_session(device, OTHER) as second:
        first.infer(X)
        second.infer(Y)  # the second run: so is the one that fails
        reset(device, first, X)
        first.infer(X)
        y = Y if same else -Y - 1
        refuse(device, lambda: second.infer(y), fault)
        np.testing.assert_array_equal(second.infer(y)[0], expected(OTHER, y))


@pytest.mark.parametrize("fault", FAULTS)
def test_in_another_area_after_a_reset(device, fault):
    large = np.tile(X, (1, 40, 20, 1))
    with open_session(device, MODEL) as session:
        session.infer(X)
        session.infer(large)
        reset(device, session, X)
        session.infer(X)
        refuse(device, lambda: session.infer(-large - 1), fault)
        np.testing.assert_array_equal(session.infer(large)[0], expected(MODEL, large))


@pytest.mark.parametrize("fault", FAULTS)
def test_of_a_stream(device, fault):
    with open_session(device, MODEL) as session, session.stream() as stream:
        session.infer(X)
        stream.step(X[:, 0, 0])
        refuse(device, lambda: stream.step(X[:, 0, 0]), fault)
        stream.reset()
        np.testing.assert_array_equal(stream.step(X[:, 0, 0]), expected(MODEL, X)[:, 0, 0])
