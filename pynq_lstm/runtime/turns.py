"""One call at a time, in the order in which threads and coroutines come."""

import asyncio
import threading
import time
from collections import deque

from pynq_lstm.errors import BackendError

WAIT_SECONDS = 600.0
_SLICE_SECONDS = 0.5  # how late a turn begins whose wake-up was lost to a signal


class Ticket:
    """A place in the queue; made before ``try``, given back in its ``finally``.

    Attributes
    ----------
    over : bool
        Set when the call ends, whichever way. Setting it is a single store, so that no signal
        (Ctrl-C between two calls' lines) leaves a turn taken for good.
    """

    __slots__ = ("over", "thread", "wake")

    def __init__(self):
        self.over, self.wake = False, None
        self.thread = threading.get_ident()


class Turns:
    """The queue. The first ticket that is not over has the turn.

    Parameters
    ----------
    seconds : float
        The longest wait for a turn.
    """

    def __init__(self, seconds=WAIT_SECONDS):
        self.seconds = seconds
        self._queue = deque()
        self._pruning = threading.Lock()  # held for a few lines, never during a call

    def run(self, work, *arguments):
        """``work(*arguments)`` when its turn has come."""
        ticket = Ticket()
        try:
            self.wait(ticket)
            return work(*arguments)
        finally:
            ticket.over = True
            self.next()

    async def run_async(self, work, *arguments):
        """``await work(*arguments)`` when its turn has come; the event loop goes on."""
        ticket = Ticket()
        try:
            await self.wait_async(ticket)
            return await work(*arguments)
        finally:
            ticket.over = True
            self.next()

    def wait(self, ticket):
        """Return when it is the ticket's turn.

        Raises
        ------
        BackendError
            No turn in time, or never: this very thread is in a call, or runs the event loop of a
            coroutine that has or awaits its turn.
        """
        queue = self._queue
        queue.append(ticket)
        if queue[0] is ticket or self._first() is ticket:
            return
        if any(t.thread == ticket.thread and not t.over for t in list(queue) if t is not ticket):
            raise BackendError(
                "session",
                "busy",
                "this thread is in a call of it already, or has a coroutine that is",
                "await infer_async, or end the other call, before this one",
            )
        woken = threading.Event()
        ticket.wake = woken.set  # called when the ticket is the first, and so it stays until over
        deadline = time.monotonic() + self.seconds
        while self._first() is not ticket:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise self._late()
            woken.wait(min(remaining, _SLICE_SECONDS))

    async def wait_async(self, ticket):
        """`wait` in a coroutine."""
        queue = self._queue
        queue.append(ticket)
        if queue[0] is ticket or self._first() is ticket:
            return
        loop = asyncio.get_running_loop()
        woken = loop.create_future()
        ticket.wake = lambda: loop.call_soon_threadsafe(_end, woken)
        deadline = time.monotonic() + self.seconds
        while self._first() is not ticket:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise self._late()
            await asyncio.wait([woken], timeout=min(remaining, _SLICE_SECONDS))

    def next(self):
        """Wake whose turn it is, after a ticket is over."""
        first = self._first()
        if first is not None and first.wake is not None:
            try:
                first.wake()
            except RuntimeError:  # its event loop is closed: it will not come
                first.over = True

    def _first(self):
        queue = self._queue
        with self._pruning:
            for _ in range(len(queue)):
                if not queue[0].over:
                    return queue[0]
                queue.popleft()
            return None

    def _late(self):
        return BackendError(
            "session",
            "busy",
            f"no turn within {self.seconds:g} s",
            "wait for the calls that run, or open another session",
        )


def _end(future):
    if not future.done():
        future.set_result(None)
