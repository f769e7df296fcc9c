"""Faults by name: what the user is told, and that the next call works."""

import asyncio

import numpy as np
import pytest
from small_model import small_case

import pynq_lstm as pl
from pynq_lstm.runtime.fpga.waiting import deadline

MODEL, X = small_case()


@pytest.fixture(scope="module")
def expected():
    with pl.load(MODEL, backend="reference") as session:
        return session.infer(X)[0]


@pytest.fixture
def device(new_device):
    return new_device()


@pytest.fixture
def session(device):
    with open_session(device) as opened:
        opened.infer(X)
        yield opened


def open_session(device):
    return pl.load(MODEL, backend="emulator", device=device, overlay="svd_lstm_tiny")


def test_a_kernel_that_never_ends(session, device, expected):
    device.faults.add("no_ap_done")
    before = device.clock.now()
    with pytest.raises(pl.DeviceTimeout, match="did not end in time.*repeat the call") as caught:
        session.infer(X)
    assert 0.05 <= device.clock.now() - before < 0.2  # of modelled time
    registers = caught.value.registers
    assert registers["command"] == 2 and registers["sequences"] == 2
    assert {"CTRL", "status", "in_beats"} <= registers.keys()
    np.testing.assert_array_equal(session.infer(X)[0], expected)


def test_the_deadline_counts_modelled_time(session, device):
    device.faults.add("no_ap_done")
    x = np.repeat(np.repeat(X, 900, axis=1), 16, axis=2)  # seconds on the board
    expected = session._calls.backend._times.run(np.full(x.shape[1], x.shape[2]))
    before = device.clock.now()
    with pytest.raises(pl.DeviceTimeout):
        session.infer(x)
    assert 1 < deadline(expected) <= device.clock.now() - before < 1.01 * deadline(expected) + 0.1


def test_a_late_end_within_the_deadline_is_waited_for(session, device, expected):
    device.faults.add("late_ap_done")
    np.testing.assert_array_equal(session.infer(X)[0], expected)


def test_a_lost_interrupt_is_found_by_polling(session, device, expected):
    assert session._calls.backend.interrupts
    device.faults.add("lost_interrupt")
    out, _ = asyncio.run(session.infer_async(X))
    np.testing.assert_array_equal(out, expected)
    out, _ = asyncio.run(session.infer_async(X))  # another loop, and the interrupt arrives
    np.testing.assert_array_equal(out, expected)


def test_an_access_that_fails(session, device, expected):
    device.faults.add("failing_access")
    with pytest.raises(pl.DeviceError, match="an access failed"):
        session.infer(X)
    np.testing.assert_array_equal(session.infer(X)[0], expected)


@pytest.mark.parametrize(("fault", "field"), [("wrong_identity", "magic"), ("wrong_hash", "hash")])
def test_a_foreign_bitstream_is_refused(device, fault, field):
    device.faults.add(fault)
    with pytest.raises(pl.OverlayError, match=f"{field}.*another bitstream is loaded"):
        open_session(device)
    assert device.live_buffers == 0
    open_session(device).close()


def test_a_corrupted_image_is_refused_and_the_next_load_works(device, expected):
    device.faults.add("corrupted_image")
    with pytest.raises(pl.DeviceError, match="the kernel refused: BAD_"):
        open_session(device)
    with open_session(device) as session:
        np.testing.assert_array_equal(session.infer(X)[0], expected)


def test_exhausted_memory_names_the_size_and_the_remedy(session, device, expected):
    device.faults.add("memory_exhausted")
    with pytest.raises(pl.DeviceError, match="bytes.*could not be allocated.*cma="):
        session.infer(np.repeat(X, 300, axis=1))
    np.testing.assert_array_equal(session.infer(X)[0], expected)


def test_a_board_that_stays_dead_is_marked_failed(session, device):
    device.faults.add("no_ap_done", times=100)
    with pytest.raises(pl.DeviceFailed, match="neither a reset nor"):
        session.infer(X)
    with pytest.raises(pl.DeviceFailed):
        session.infer(X)
    device.faults.clear()
    with open_session(device) as another:  # loads the overlay anew
        another.infer(X)


def test_a_reset_that_does_not_help_loads_the_overlay(session, device, expected):
    device.faults.add("no_ap_done", times=2)  # the run, and IDENTIFY after the reset
    with pytest.raises(pl.DeviceTimeout):
        session.infer(X)
    np.testing.assert_array_equal(session.infer(X)[0], expected)


def test_a_state_that_another_call_lost_is_not_made_up(session, device):
    with session.stream() as stream:
        stream.step(X[:, 0, 0])
        device.faults.add("no_ap_done")
        with pytest.raises(pl.DeviceTimeout):
            session.infer(X)  # fetches the stream's state first: that is what fails
        with pytest.raises(pl.DeviceError, match="state.*lost.*reset"):
            stream.step(X[:, 0, 1])


def test_a_stream_says_that_its_state_was_lost(session, device):
    with session.stream() as stream:
        stream.step(X[:, 0, 0])
        device.faults.add("no_ap_done")
        with pytest.raises(pl.DeviceTimeout):
            stream.step(X[:, 0, 1])
        with pytest.raises(pl.BackendError, match="its state is not known.*stream.reset"):
            stream.step(X[:, 0, 1])
        stream.reset()
        stream.step(X[:, 0, 0])


def test_an_unknown_fault_names_those_known(device):
    with pytest.raises(pl.PynqLstmError, match="no_ap_done"):
        device.faults.add("gremlins")
