"""`Session.infer_async` by interrupt and in threads: turns, cancelling, what else may run."""

import asyncio
import threading

import numpy as np
import pytest
from example_matrices import random_inputs, random_network
from fake_device import FakeDevice

import pynq_lstm as pl
from pynq_lstm.runtime.session import Session

PREFIXES = (1, 2, 3)


@pytest.fixture(scope="module")
def made():
    """A model, an input, and the answers of each prefix."""
    network = random_network(np.random.default_rng(0), [(6, 8)])
    model = pl.compress(network, input_range=(-3, 3), refinements=3, solver="greedy")
    x = random_inputs(np.random.default_rng(1), network, 2, 6)
    with pl.load(model, "reference") as session:
        return model, x, {k: bits(session.infer(x, refinements=k)) for k in PREFIXES}


@pytest.fixture(params=(True, False), ids=("interrupts", "threads"))
def device(request, made):
    device = FakeDevice(made[0])
    device.interrupts = request.param
    return device


@pytest.fixture
def session(made, device):
    with Session(made[0], device) as session:
        yield session
    assert not device.overlapped


@pytest.fixture
def by_interrupt(made):
    device = FakeDevice(made[0])
    with Session(made[0], device) as session:
        yield session, device
    assert not device.overlapped


def bits(answer):
    out, (h, c) = answer
    return [(a.shape, a.dtype, a.tobytes()) for a in (out, h, c)]


def test_answers_are_those_of_infer(session, device, made):
    _, x, wanted = made

    async def main():
        return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in PREFIXES))

    for k, answer in zip(PREFIXES, asyncio.run(main())):
        assert bits(answer) == wanted[k]
    assert device.log == 3 * ["async" if device.interrupts else "run"]
    assert session.last_run.modelled and session.last_run.refinements in PREFIXES


def test_arguments_arrive(session, made):
    _, x, _ = made
    _, state = session.infer(x)
    expected = session.infer(x, state, [2, 6], 1)
    answer = asyncio.run(session.infer_async(x, state, [2, 6], 1))
    assert bits(answer) == bits(expected)


def test_refusals(session, made):
    _, x, _ = made
    with pytest.raises(pl.InputError, match="not float32"):
        asyncio.run(session.infer_async(x.astype(float)))
    session.close()
    with pytest.raises(pl.BackendError, match="session = 'closed'"):
        asyncio.run(session.infer_async(x))


def test_the_event_loop_goes_on(session, device, made):
    device.hold.clear()

    async def main():
        task = asyncio.create_task(session.infer_async(made[1]))
        assert await asyncio.to_thread(device.inside.wait, 30)
        assert not task.done()
        device.hold.set()
        await task

    asyncio.run(main())


def test_cancelled_on_the_device(session, device, made):
    _, x, wanted = made
    device.hold.clear()

    async def main():
        task = asyncio.create_task(session.infer_async(x))
        assert await asyncio.to_thread(device.inside.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        device.hold.set()
        return await session.infer_async(x, refinements=2)

    assert bits(asyncio.run(main())) == wanted[2]
    assert bits(session.infer(x, refinements=1)) == wanted[1]


def test_cancelled_while_waiting_for_its_turn(session, device, made):
    """Another thread's call holds the device."""
    _, x, wanted = made
    device.hold.clear()
    thread = threading.Thread(target=session.infer, args=(x,))
    thread.start()
    assert device.inside.wait(30)

    async def main():
        tasks = [asyncio.create_task(session.infer_async(x, refinements=k)) for k in PREFIXES]
        await asyncio.sleep(0.02)
        tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        device.hold.set()
        return await asyncio.gather(*tasks[1:])

    assert [bits(a) for a in asyncio.run(main())] == [wanted[2], wanted[3]]
    thread.join(30)
    assert bits(session.infer(x, refinements=1)) == wanted[1]


def test_a_failing_run_leaves_the_session_usable(session, device, made):
    _, x, wanted = made
    device.failing = 1
    with pytest.raises(pl.DeviceTimeout, match="did not end"):
        asyncio.run(session.infer_async(x))
    assert bits(asyncio.run(session.infer_async(x, refinements=3))) == wanted[3]


def test_a_call_that_would_block_the_event_loop_for_ever_is_refused(by_interrupt, made):
    session, device = by_interrupt
    _, x, wanted = made
    answers = session.infer_many([x, x, x])
    next(answers)
    stream = session.stream()

    async def main():
        task = asyncio.create_task(session.infer_async(x, refinements=1))
        await asyncio.sleep(0)
        for call in (
            lambda: session.infer(x),
            lambda: stream.step(x[0, 0]),
            session.close,
            session.benchmark,
        ):
            with pytest.raises(
                pl.BackendError, match="session = 'busy': this thread .*; await infer_async"
            ):
                call()
        assert bits(await task) == wanted[1]
        assert bits(next(answers)) == wanted[3]
        assert bits(session.infer(x)) == wanted[3]

    asyncio.run(main())


def test_everything_at_once(session, device, made):
    """Threads, coroutines, generators and streams on one session."""
    _, x, wanted = made
    failures = []
    whole = session.infer(x[0])[0]

    def check(condition):
        if not condition:
            failures.append(threading.current_thread().name)

    def calls():
        for k in 4 * PREFIXES:
            check(bits(session.infer(x, refinements=k)) == wanted[k])

    def generator():
        for answer in session.infer_many([x] * 12):
            check(bits(answer) == wanted[3])

    def stream():
        with session.stream() as stream:
            for _ in range(2):
                check(np.array_equal([stream.step(step) for step in x[0]], whole))
                stream.reset()

    def coroutines():
        async def one(k):
            check(bits(await session.infer_async(x, refinements=k)) == wanted[k])

        async def main():
            cancelled = [asyncio.create_task(session.infer_async(x)) for _ in range(3)]
            tasks = [asyncio.create_task(one(k)) for k in 4 * PREFIXES]
            await asyncio.sleep(0)
            for task in cancelled:
                task.cancel()
            await asyncio.gather(*tasks)

        asyncio.run(main())

    def guarded(work):
        try:
            work()
        except BaseException as error:
            failures.append(repr(error))

    kinds = (calls, generator, stream, coroutines)
    threads = [threading.Thread(target=guarded, args=(k,), name=k.__name__) for k in 2 * kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures and not device.overlapped
    assert device.log.count("end") == 24 and device.log.count("step") == 24
