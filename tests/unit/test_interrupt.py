"""The interrupt through a UIO device: here one end of a pair of sockets."""

import asyncio
import socket
import sys
from types import SimpleNamespace

import pytest

from pynq_lstm.runtime.fpga.interrupt import LineInterrupt, UioInterrupt, find_interrupt


@pytest.fixture
def uio():
    ours, device = socket.socketpair()
    device.settimeout(10)
    file = ours.makefile("rwb", buffering=0)
    yield UioInterrupt(file), device
    file.close()
    ours.close()
    device.close()


async def waits(interrupt, seconds, device=None):
    if device is not None:
        asyncio.get_running_loop().call_later(0.01, device.send, b"\1\0\0\0")
    return await interrupt.wait(seconds)


def test_it_is_unmasked_and_awaited_on_any_loop(uio):
    interrupt, device = uio
    for _ in range(3):  # a loop of its own each
        assert asyncio.run(waits(interrupt, 10, device))
        assert device.recv(4) == b"\1\0\0\0" if sys.byteorder == "little" else b"\0\0\0\1"


def test_an_interrupt_that_does_not_come_ends_the_wait(uio):
    interrupt, device = uio
    assert asyncio.run(waits(interrupt, 0.01)) is False
    assert asyncio.run(waits(interrupt, 10, device))


def test_a_wait_can_be_cancelled(uio):
    interrupt, device = uio

    async def cancelled():
        task = asyncio.ensure_future(interrupt.wait(10))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await waits(interrupt, 10, device)

    assert asyncio.run(cancelled())


def test_an_emulated_line_comes_first():
    line = SimpleNamespace(add_event=lambda event, number: event.set())
    interrupt = find_interrupt(SimpleNamespace(interrupt_line=line))
    assert isinstance(interrupt, LineInterrupt)
    assert asyncio.run(waits(interrupt, 10))
    silent = LineInterrupt(SimpleNamespace(add_event=lambda event, number: None))
    assert asyncio.run(waits(silent, 0.01)) is False


def test_a_remote_device_has_none():
    assert find_interrupt(SimpleNamespace(has_capability=lambda name: name == "REMOTE")) is None
