"""Runs of several users at once: inputs stay as they are, answers are those of their own runs."""

import asyncio
import threading

import numpy as np
import pytest
from recording import RecordingDevice
from small_sessions import CASES, expected, open_session, variants

from pynq_lstm.accelerator.registers import KERNEL_BASE
from pynq_lstm.runtime.emulator.device import EmulatedDevice
from pynq_lstm.runtime.fpga import pieces

MODEL, X = CASES[0]
WAIT = 5  # host seconds, far more than any of this takes


@pytest.fixture
def device(new_device):
    return new_device(kind=RecordingDevice)


def check(model, inputs, answers):
    for x, (out, _) in zip(inputs, answers):
        np.testing.assert_array_equal(out, expected(model, x))


def test_generators_of_one_session_in_turn(device):
    with open_session(device, MODEL) as session:
        sides = variants(X, 5), variants(-X - 1, 5), variants(X[:, :, ::-1].copy(), 5)
        answers = list(zip(*(session.infer_many(side) for side in sides)))
        assert len(answers) == 5
        for inputs, own in zip(sides, zip(*answers)):
            check(MODEL, inputs, own)
    assert device.inputs_changed == 0


def test_generators_of_two_sessions_in_turn(device):
    other, y = CASES[1]
    with open_session(device, MODEL) as first, open_session(device, other) as second:
        inputs, others = variants(X, 5), variants(y, 5)
        answers = list(zip(first.infer_many(inputs), second.infer_many(others)))
        assert len(answers) == 5
        check(MODEL, inputs, [a for a, _ in answers])
        check(other, others, [b for _, b in answers])


def test_a_call_between_two_answers(device):
    with open_session(device, MODEL) as session:
        inputs = variants(X, 4)
        for x, (out, _) in zip(inputs, session.infer_many(inputs)):
            np.testing.assert_array_equal(out, expected(MODEL, x))
            check(MODEL, [-X - 1], [session.infer(-X - 1)])


# --- awaited calls


def controls(device, call):
    """Result of a call, and how often it read CTRL."""
    device.log.clear()
    result = call()
    return result, device.log.count(("read", KERNEL_BASE))


def test_an_awaited_call_returns_at_its_own_interrupt(device):
    x = np.tile(X, (1, 1, 40, 1))  # longer than the polls before the first sleep
    with open_session(device, MODEL) as session:
        asyncio.run(session.infer_async(X))
        device.faults.add("late_ap_done")
        answer, reads = controls(device, lambda: asyncio.run(session.infer_async(x)))
    check(MODEL, [x], [answer])
    assert reads == 1  # it had ended


def test_cycles_are_those_of_the_run(device):
    longer = np.tile(X, (1, 1, 40, 1))
    with open_session(device, MODEL) as session:
        session._calls.backend.count_cycles = True
        hertz = session._calls.backend.image.design.clock_mhz * 1e6
        found = []
        for x in (X, longer, X):
            session.infer(x)
            run = session.last_run
            assert run.cycles == pytest.approx(run.kernel_seconds * hertz, abs=2)
            found.append(run.cycles)
        assert found[0] == found[2] and found[1] > 10 * found[0]


class WaitingDevice(EmulatedDevice):
    """A flush waits for a sign of life of the event loop, where it is asked to."""

    ticked, heard = None, True

    def flush(self, *arguments):
        if self.ticked is not None:
            self.ticked.clear()
            self.heard &= self.ticked.wait(WAIT)
        super().flush(*arguments)


def test_a_batch_of_several_pieces_leaves_the_event_loop_free(new_device, monkeypatch):
    monkeypatch.setattr(pieces, "LARGEST_AREA", 2000)
    device = new_device(kind=WaitingDevice)
    x = np.tile(X, (1, 6, 1, 1))
    ticked = threading.Event()

    async def tick():
        while True:
            ticked.set()
            await asyncio.sleep(0)

    async def main():
        ticker = asyncio.ensure_future(tick())
        try:
            return await session.infer_async(x)
        finally:
            ticker.cancel()

    with open_session(device, MODEL) as session:
        session.infer(X)
        assert len(session._calls.backend.pieces.split(np.full(6, 6))) > 1
        device.ticked = ticked
        answer = asyncio.run(main())
        device.ticked = None
        assert device.heard
        check(MODEL, [x], [answer])
