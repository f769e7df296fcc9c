"""`NetworkSession.infer_async`: passes awaited by interrupt or in a thread; turns, cancelling."""

import asyncio
import threading
from contextlib import contextmanager

import numpy as np
import pytest
from example_matrices import random_layer
from fake_device import FakeDevice

import pynq_lstm as pl
from pynq_lstm.runtime import network_session

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
PREFIXES = (1, 2, 3)


@pytest.fixture(scope="module")
def made():
    """A network of four passes, an input, and the answers of each prefix."""
    rng = np.random.default_rng(0)
    sizes = [(5, 6)] * 2 + [(12, 6)] * 2 + [(12, 4), (4, 3)]
    net = pl.Network(
        [random_layer(rng, *size, gain=2) for size in sizes],
        stacks=[pl.Stack(2, True), pl.Stack(), pl.Stack()],
        wiring=["x0", "m0 / 2", "last(m1)"],
    )
    network = pl.compress(net, input_range=(-3, 3), refinements=3, progress=False)
    x = rng.standard_normal((2, 6, 5)).astype(np.float32)
    with pl.load(network, "reference") as session:
        return network, x, {k: bits(session.infer(x, refinements=k)) for k in PREFIXES}


def bits(answer):
    out, (h, c) = answer
    return [a.tobytes() for side in (out, h, c) for a in side]


@contextmanager
def opened(made, monkeypatch, interrupts=True):
    """A session on a fake device for each pass, and the devices."""
    devices = []

    def open_backend(name, model, **options):
        devices.append(FakeDevice(model))
        devices[-1].interrupts = interrupts
        return devices[-1]

    monkeypatch.setattr(network_session, "open_backend", open_backend)
    with pl.load(made[0], "fpga") as session:
        yield session, devices
    assert not any(device.overlapped for device in devices)


@pytest.fixture(params=(True, False), ids=("interrupts", "threads"))
def either(request, made, monkeypatch):
    with opened(made, monkeypatch, request.param) as found:
        yield found


@pytest.fixture
def by_interrupt(made, monkeypatch):
    with opened(made, monkeypatch) as found:
        yield found


def test_answers_are_those_of_infer_in_their_order(either, made):
    session, devices = either
    _, x, wanted = made

    async def main():
        return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in PREFIXES))

    for k, answer in zip(PREFIXES, asyncio.run(main())):
        assert bits(answer) == wanted[k]
    assert len(devices) == 4
    for device in devices:
        assert device.log == 3 * ["async" if device.interrupts else "run"]
    report = session.last_run
    assert report.modelled and len(report.passes) == 4 and report.seconds["between"] >= 0
    assert report.kernel_seconds == pytest.approx(sum(p.kernel_seconds for p in report.passes))


def test_arguments_arrive(either, made):
    session, _ = either
    _, x, _ = made
    _, state = session.infer(x)
    expected = session.infer(x, state, [2, 6], 1)
    assert bits(asyncio.run(session.infer_async(x, state, [2, 6], 1))) == bits(expected)


def test_passes_run_one_after_another_while_the_event_loop_goes_on(by_interrupt, made):
    session, devices = by_interrupt
    for device in devices:
        device.hold.clear()

    async def main():
        task, turns = asyncio.create_task(session.infer_async(made[1])), 0
        for p, device in enumerate(devices):
            while not device.inside.is_set():
                await asyncio.sleep(1e-3)
            assert [bool(one.log) for one in devices] == [n <= p for n in range(4)]
            assert not task.done()
            turns += 1
            device.hold.set()
        assert bits(await task) == made[2][3]
        return turns

    assert asyncio.run(main()) == 4
    assert all(device.log == ["async"] for device in devices)


def test_threads_are_not_asked_where_there_are_interrupts(by_interrupt, made, monkeypatch):
    session, _ = by_interrupt

    async def to_thread(*_):
        raise AssertionError("a thread")

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    assert bits(asyncio.run(session.infer_async(made[1]))) == made[2][3]


@pytest.mark.parametrize("p", (0, 1, 3))
def test_cancelled_in_a_pass(by_interrupt, made, p):
    """The passes behind it do not begin, and the session goes on."""
    session, devices = by_interrupt
    _, x, wanted = made
    session.infer(x, refinements=1)
    before = session.last_run
    devices[p].inside.clear()
    devices[p].hold.clear()

    async def main():
        task = asyncio.create_task(session.infer_async(x))
        while not devices[p].inside.is_set():
            await asyncio.sleep(1e-3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [device.log.count("async") for device in devices] == [n <= p for n in range(4)]
        assert session.last_run is before
        devices[p].hold.set()
        return await session.infer_async(x, refinements=2)

    assert bits(asyncio.run(main())) == wanted[2]
    assert bits(session.infer(x, refinements=1)) == wanted[1]


def test_cancelled_while_waiting_for_its_turn(by_interrupt, made):
    session, devices = by_interrupt
    _, x, wanted = made
    devices[1].hold.clear()
    thread = threading.Thread(target=session.infer, args=(x,))
    thread.start()
    assert devices[1].inside.wait(30)

    async def main():
        tasks = [asyncio.create_task(session.infer_async(x, refinements=k)) for k in PREFIXES]
        await asyncio.sleep(0.02)
        tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        assert devices[0].log == ["run"]
        devices[1].hold.set()
        return await asyncio.gather(*tasks[1:])

    assert [bits(a) for a in asyncio.run(main())] == [wanted[2], wanted[3]]
    thread.join(30)
    assert devices[0].log == ["run", "async", "async"]


def test_a_pass_that_fails_leaves_the_session_usable(either, made):
    session, devices = either
    _, x, wanted = made
    devices[2].failing = 1
    with pytest.raises(pl.DeviceTimeout, match="did not end"):
        asyncio.run(session.infer_async(x))
    assert not devices[3].log
    assert bits(asyncio.run(session.infer_async(x, refinements=3))) == wanted[3]


def test_refusals(either, made):
    session, _ = either
    with pytest.raises(pl.InputError, match="not float32"):
        asyncio.run(session.infer_async(made[1].astype(float)))
    session.close()
    with pytest.raises(pl.BackendError, match="session = 'closed'"):
        asyncio.run(session.infer_async(made[1]))


def test_a_call_that_would_block_the_event_loop_for_ever_is_refused(by_interrupt, made):
    session, _ = by_interrupt
    _, x, wanted = made

    async def main():
        task = asyncio.create_task(session.infer_async(x, refinements=1))
        await asyncio.sleep(0)
        for call in (lambda: session.infer(x), session.close, session.benchmark):
            with pytest.raises(pl.BackendError, match="session = 'busy': this thread .*; await"):
                call()
        assert bits(await task) == wanted[1]
        assert bits(session.infer(x)) == wanted[3]

    asyncio.run(main())


def test_threads_and_coroutines_at_once(either, made):
    session, devices = either
    _, x, wanted = made
    failures = []

    def check(answer, k):
        if bits(answer) != wanted[k]:
            failures.append(k)

    def calls():
        for k in 3 * PREFIXES:
            check(session.infer(x, refinements=k), k)

    async def one(k):
        check(await session.infer_async(x, refinements=k), k)

    async def main():
        cancelled = [asyncio.create_task(session.infer_async(x)) for _ in range(3)]
        tasks = [asyncio.create_task(one(k)) for k in 3 * PREFIXES]
        await asyncio.sleep(0)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*tasks)

    threads = [threading.Thread(target=calls), threading.Thread(target=lambda: asyncio.run(main()))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures and not any(thread.is_alive() for thread in threads)
