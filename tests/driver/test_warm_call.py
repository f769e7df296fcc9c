"""What a warm call costs: register accesses and buffer operations, counted."""

import numpy as np
import pytest
from recording import RecordingDevice
from small_model import small_case

import pynq_lstm as pl


@pytest.fixture
def session(new_device):
    model, _ = small_case()
    device = new_device(kind=RecordingDevice)
    with pl.load(model, backend="emulator", device=device, overlay="svd_lstm_tiny") as opened:
        yield opened


def counted(device, call):
    """What `call` adds to the device's counters."""
    before = dict(device.counters)
    call()
    return {name: device.counters[name] - before[name] for name in before}


def device_of(session):
    return session._calls.backend.board.device


def test_a_warm_call_writes_one_register_and_polls(session):
    _, x = small_case()
    session.infer(x)
    session.infer(x)
    device = device_of(session)
    device.log.clear()
    found = counted(device, lambda: session.infer(x))
    polls = found.pop("reads")
    assert polls >= 1
    assert found == {"writes": 1, "flush": 1, "invalidate": 1, "allocate": 0, "free": 0}
    kernel = session._calls.backend.board.overlay.ip_dict["svd_lstm_0"]
    control = kernel["phys_addr"] + kernel["registers"]["CTRL"]["address_offset"]
    assert device.log == [("write", control)] + [("read", control)] * polls


def test_a_pipelined_call_writes_the_slot_and_the_start(session):
    _, x = small_case()
    list(session.infer_many([x] * 4))
    device = device_of(session)
    calls = 20
    found = counted(device, lambda: list(session.infer_many([x] * calls)))
    assert 2 * calls - 1 <= found["writes"] <= 2 * calls
    assert (found["flush"], found["invalidate"]) == (calls, calls)
    assert found["allocate"] == found["free"] == 0


def test_a_warm_step_of_a_stream_writes_one_register(session):
    _, x = small_case()
    with session.stream() as stream:
        for t in range(3):
            stream.step(x[:, 0, t])
        found = counted(device_of(session), lambda: stream.step(x[:, 0, 3]))
    assert (found["writes"], found["flush"], found["invalidate"]) == (1, 1, 1)
    assert found["allocate"] == found["free"] == 0


def test_buffers_are_allocated_once_and_all_given_back(new_device):
    model, x = small_case()
    device = new_device()
    with pl.load(model, backend="emulator", device=device, overlay="svd_lstm_tiny") as session:
        session.infer(x)
        allocated = device.counters["allocate"]
        for _ in range(20):
            session.infer(x)
        assert device.counters["allocate"] == allocated
        session.infer(np.repeat(x, 50, axis=1))  # a larger batch needs larger ones
        assert device.counters["allocate"] > allocated
    assert device.live_buffers == 0
    assert device.counters["allocate"] == device.counters["free"]


def test_counting_cycles_is_the_only_thing_that_costs_more(session):
    _, x = small_case()
    session.infer(x)
    session._calls.backend.count_cycles = True
    session.infer(x)
    assert session.last_run.cycles > 0
    session._calls.backend.count_cycles = False
    session.infer(x)
    found = counted(device_of(session), lambda: session.infer(x))
    assert found["writes"] == 1 and session.last_run.cycles is None
