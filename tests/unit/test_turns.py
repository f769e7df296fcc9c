"""One call at a time: order, patience, and what ends in the middle of a wait."""

import asyncio
import signal
import threading
import time

import pytest

from pynq_lstm.errors import BackendError
from pynq_lstm.runtime.turns import Ticket, Turns

LONG = 30  # seconds that no test should take


def until(condition):
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(1e-3)


@pytest.fixture
def turns():
    return Turns(LONG)


@pytest.fixture
def taken(turns):
    """A turn that another thread holds until the returned event is set."""
    release, inside = threading.Event(), threading.Event()

    def work():
        inside.set()
        assert release.wait(LONG)

    thread = threading.Thread(target=turns.run, args=(work,))
    thread.start()
    assert inside.wait(LONG)
    yield release
    release.set()
    thread.join(LONG)


def waiting(turns, count):
    until(lambda: sum(t.wake is not None and not t.over for t in list(turns._queue)) == count)


def test_result_and_exception_come_through(turns):
    assert turns.run(lambda a, b: a + b, 1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        turns.run(lambda: 1 / 0)
    assert turns.run(lambda: 5) == 5 and not turns._queue


def test_threads_and_coroutines_come_in_order(turns, taken):
    order, threads = [], []

    async def noted(n):
        order.append(n)

    def from_a_coroutine(n):
        asyncio.run(turns.run_async(noted, n))

    def from_a_thread(n):
        turns.run(order.append, n)

    for n in range(8):
        target = (from_a_coroutine, from_a_thread)[n % 2]
        threads.append(threading.Thread(target=target, args=(n,)))
        threads[-1].start()
        waiting(turns, n + 1)
    taken.set()
    for thread in threads:
        thread.join(LONG)
    assert order == list(range(8))


def test_a_wait_ends(turns, taken):
    turns.seconds = 0.01
    with pytest.raises(BackendError, match=r"session = 'busy': no turn within 0.01 s; wait for"):
        turns.run(lambda: None)

    async def main():
        with pytest.raises(BackendError, match="no turn within 0.01 s"):
            await turns.run_async(asyncio.sleep, 0)

    asyncio.run(main())
    taken.set()
    turns.seconds = LONG
    assert turns.run(lambda: 1) == 1


def test_cancelled_while_waiting(turns, taken):
    started = []

    async def main():
        async def noted(n):
            started.append(n)

        tasks = [asyncio.create_task(turns.run_async(noted, n)) for n in range(3)]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[1]
        taken.set()
        await asyncio.gather(tasks[0], tasks[2])

    asyncio.run(main())
    assert started == [0, 2] and turns.run(lambda: 1) == 1


def test_cancelled_when_its_turn_has_just_come(turns, taken):
    """Between the wake-up and the coroutine's next line."""

    async def main():
        task = asyncio.create_task(turns.run_async(asyncio.sleep, 0))
        await asyncio.sleep(0.01)
        taken.set()
        until(lambda: len(turns._queue) == 1)  # it is the first now, and its loop blocked by this
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert turns.run(lambda: 1) == 1


def test_the_event_loop_goes_on_while_a_coroutine_waits(turns, taken):
    async def main():
        task = asyncio.create_task(turns.run_async(asyncio.sleep, 0))
        for _ in range(50):
            await asyncio.sleep(0)
        assert not task.done()
        taken.set()
        await task

    asyncio.run(main())


def test_a_call_that_would_block_its_own_thread_is_refused(turns):
    refusal = pytest.raises(BackendError, match="this thread is in a call .*; await infer_async")

    def nested():
        with refusal:
            turns.run(lambda: None)
        return "outer"

    assert turns.run(nested) == "outer"

    async def main():
        task = asyncio.create_task(turns.run_async(asyncio.sleep, 0.01))
        await asyncio.sleep(0)
        with refusal:
            turns.run(lambda: None)
        await task
        assert turns.run(lambda: 1) == 1

    asyncio.run(main())


def test_the_turn_of_a_loop_that_ended_is_passed_on(turns, taken):
    """A coroutine that waits for its turn while its loop is closed under it."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(turns.run_async(asyncio.sleep, 0))
    task._log_destroy_pending = False
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()
    done = []
    thread = threading.Thread(target=turns.run, args=(done.append, 1))
    thread.start()
    waiting(turns, 2)
    taken.set()
    thread.join(LONG)
    assert done == [1] and not task.done()


def test_a_lost_wake_up_costs_a_moment_only(turns):
    """A signal between the end of a turn and the wake-up of the next."""
    ticket, done = Ticket(), []
    turns.wait(ticket)
    thread = threading.Thread(target=turns.run, args=(done.append, 1))
    thread.start()
    waiting(turns, 1)
    ticket.over = True  # and no `next`
    thread.join(LONG)
    assert done == [1]


class Alarm(Exception):
    pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers")
def test_signals_at_any_moment_leave_no_turn_taken(turns):
    def handler(*_):
        raise Alarm

    def work():
        for n in range(1000):
            turns.run(int, n)

    before, rung = signal.signal(signal.SIGALRM, handler), 0
    try:
        for n in range(400):
            try:
                signal.setitimer(signal.ITIMER_REAL, 2e-5 + 1e-6 * n)
                work()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Alarm:
                rung += 1
            assert turns.run(lambda: 1) == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung > 100
