"""The interrupt through pynq's own classes and asyncio; nobody polls while it is waited for."""

import asyncio
import threading

import pynq
import pytest
from by_hand import DONE, ByHand
from pynq.interrupt import _InterruptController

from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.registers import INTERRUPT_LINE

PIN = {"controller": "", "index": 0, "raw_irq": INTERRUPT_LINE, "fullpath": "svd_lstm_0/interrupt"}
LONG = 5  # host seconds, far more than any of this takes
SHORT = 0.05


@pytest.fixture
def kernel(device, tiny_files):
    made = ByHand(device, tiny_files)
    device.interrupt_pins[PIN["fullpath"]] = PIN  # see test_emulated_overlay
    made.write(GIER=1, IP_IER=1)
    return made


async def arrives(kernel, interrupt=None, seconds=LONG, start=True):
    """Start a command and wait; what CTRL and IP_ISR then say."""
    interrupt = interrupt or pynq.Interrupt(PIN["fullpath"])
    if start:
        kernel.start(Command.IDENTIFY)
    await asyncio.wait_for(interrupt.wait(), seconds)
    pending = kernel.read("IP_ISR")
    kernel.write(IP_ISR=pending)
    return kernel.read("CTRL") & DONE, pending


def test_it_arrives_at_the_end_of_the_command(device, kernel):
    before = device.clock.now(), threading.active_count()
    assert asyncio.run(arrives(kernel)) == (DONE, 1)
    passed = device.clock.now() - before[0]
    assert passed >= device.kernel_seconds > 0
    assert threading.active_count() == before[1]


def test_two_event_loops_one_after_the_other(kernel):
    for _ in range(2):
        assert asyncio.run(arrives(kernel)) == (DONE, 1)


def test_many_waits_in_one_loop(kernel):
    async def many():
        interrupt = pynq.Interrupt(PIN["fullpath"])
        return [await arrives(kernel, interrupt) for _ in range(20)]

    assert set(asyncio.run(many())) == {(DONE, 1)}


def test_a_wait_that_begins_before_the_start(kernel):
    async def wait_first():
        task = asyncio.ensure_future(arrives(kernel, start=False))
        await asyncio.sleep(0)
        kernel.start(Command.IDENTIFY)
        return await task

    assert asyncio.run(wait_first()) == (DONE, 1)


def test_it_may_be_enabled_while_somebody_waits(kernel):
    async def enable_late():
        kernel.write(GIER=0)
        kernel.start(Command.IDENTIFY)
        task = asyncio.ensure_future(arrives(kernel, start=False))
        await asyncio.sleep(0)
        kernel.write(GIER=1)
        return await task

    assert asyncio.run(enable_late()) == (DONE, 1)


def test_each_loop_sets_its_own_events(device, kernel):
    async def add():
        device.interrupt_line.add_event(event, 0)

    loop, event = asyncio.new_event_loop(), asyncio.Event()
    try:
        loop.run_until_complete(add())
        asyncio.run(asyncio.wait_for(wait_in_another(kernel), LONG))
        assert not event.is_set()
        loop.run_until_complete(asyncio.wait_for(event.wait(), LONG))
    finally:
        loop.close()


async def wait_in_another(kernel):
    kernel.start(Command.IDENTIFY)
    await pynq.Interrupt(PIN["fullpath"]).wait()


def test_a_wait_that_begins_after_the_end(device, kernel):
    kernel.run(Command.IDENTIFY)
    assert asyncio.run(arrives(kernel, start=False)) == (0, 1)  # ap_done was read before


def test_an_interrupt_that_is_not_cleared_stays(kernel):
    async def twice():
        kernel.start(Command.IDENTIFY)
        for _ in range(2):
            await asyncio.wait_for(pynq.Interrupt(PIN["fullpath"]).wait(), LONG)

    asyncio.run(twice())
    assert kernel.read("IP_ISR") == 1


@pytest.mark.parametrize("lacking", ["GIER", "IP_IER"])
def test_it_must_be_enabled(kernel, lacking):
    kernel.write(**{lacking: 0})
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(arrives(kernel, seconds=SHORT))


def test_nothing_arrives_without_a_command(kernel):
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(arrives(kernel, seconds=SHORT, start=False))


def test_a_loop_that_ended_amid_a_wait_does_no_harm(kernel):
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(arrives(kernel, seconds=SHORT, start=False))
    assert asyncio.run(arrives(kernel)) == (DONE, 1)


def test_pynqs_controller_without_a_pin(kernel):
    """As a driver does it: the line by its number, an event of its own."""

    async def wait():
        parent, number = _InterruptController.get_parent(PIN)
        event = asyncio.Event()
        kernel.start(Command.IDENTIFY)
        parent.add_event(event, number)
        await asyncio.wait_for(event.wait(), LONG)

    asyncio.run(wait())
    assert kernel.read("CTRL") & DONE


def test_a_lost_interrupt(device, kernel):
    device.faults.add("lost_interrupt")
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(arrives(kernel, seconds=SHORT))
    assert kernel.read("CTRL") & DONE  # the command did end
    kernel.write(IP_ISR=1)
    assert asyncio.run(arrives(kernel)) == (DONE, 1)


def test_a_command_that_never_ends_raises_none(device, kernel):
    device.faults.add("no_ap_done")
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(arrives(kernel, seconds=SHORT))
    assert kernel.read("CTRL") == 1


def test_a_reset_takes_it_away(device, kernel):
    kernel.run(Command.IDENTIFY)
    device.gpio_write(0, 1)
    device.gpio_write(0, 0)
    kernel.write(GIER=1, IP_IER=1)
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(arrives(kernel, seconds=SHORT, start=False))
    assert asyncio.run(arrives(kernel)) == (DONE, 1)


def test_real_time(new_device, tiny_files):
    device = new_device(realtime=True)
    pynq.Device.active_device = device
    kernel = ByHand(device, tiny_files)
    device.interrupt_pins[PIN["fullpath"]] = PIN
    kernel.write(GIER=1, IP_IER=1)
    assert asyncio.run(arrives(kernel)) == (DONE, 1)
