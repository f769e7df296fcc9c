"""The one interrupt of the programmable logic, in the place of pynq's `UioController`.

Nobody polls while an interrupt is waited for, so waiting itself lets the modelled time pass: up
to the end of the command in progress. There is no thread; the event loop that waits calls back.
"""

import asyncio

from pynq_lstm.runtime.emulator.faults import Fault


class InterruptLine:
    """Level-triggered: an event that is added while the line is high is set at once.

    Parameters
    ----------
    clock : ModelledClock or HostClock
    faults : Faults

    Attributes
    ----------
    source : KernelIp or None
        What drives the line.
    """

    def __init__(self, clock, faults):
        self._clock, self._faults = clock, faults
        self._waiting = []  # (event, the loop that waits for it)
        self._lost = False  # until the line falls
        self.source = None

    def add_event(self, event, number):
        """Set an event at the next interrupt; called by pynq from a coroutine."""
        self._waiting.append((event, asyncio.get_running_loop()))
        self.look()

    def fall(self):
        """The line went low."""
        self._lost = False

    def look(self):
        """Let the loops that wait look at the line: it is high, or will be."""
        if not self._waiting or self.source is None:
            return
        due = self._clock.now() if self.source.interrupt else self.source.due
        if due is None:
            return
        for loop in {loop for _, loop in self._waiting}:
            try:
                loop.call_soon_threadsafe(
                    loop.call_later, self._clock.delay(due), self._deliver, loop
                )
            except RuntimeError:  # closed, whoever waited there is gone
                self._waiting = [pair for pair in self._waiting if pair[1] is not loop]

    def _deliver(self, loop):
        if self.source is None:
            return
        if not self.source.interrupt and self.source.due is not None:
            self._clock.reach(self.source.due)
            self.source.update()
        own = [event for event, where in self._waiting if where is loop]
        if not own or not self.source.interrupt or self._lost:
            return
        if self._faults.take(Fault.LOST_INTERRUPT):
            self._lost = True
            return
        self._waiting = [pair for pair in self._waiting if pair[1] is not loop]
        for event in own:
            event.set()
