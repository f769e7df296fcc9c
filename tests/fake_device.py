"""A back end with all that a device may have, on the naive model; it notes how it is used."""

import asyncio
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import plan_reference

from pynq_lstm import reference
from pynq_lstm.errors import DeviceTimeout
from pynq_lstm.runtime.report import Timing
from pynq_lstm.runtime.steps import HostSteps

STAGES = ("copy", "flush", "run", "invalidate", "read")


class FakeDevice:
    """Runs a model; everything optional of a back end's protocol is there.

    Attributes
    ----------
    log : list of str
        What was done, in order: "run", "async", "start", "end", "step", "many closed",
        "stream closed", "closed".
    overlapped : bool
        Whether two things were done at once, or one after `close`.
    failing : int
        So many of the next runs and steps fail.
    hold : threading.Event
        While it is cleared, `run` and `run_async` wait in the middle.
    inside : threading.Event
        Set when they come there.
    """

    name = "fake"
    interrupts = True

    def __init__(self, model):
        self.model = model
        self.timing, self.count_cycles = None, False
        self.log, self.overlapped, self.failing, self.runs = [], False, 0, 0
        self.hold, self.inside = threading.Event(), threading.Event()
        self.hold.set()
        self._at_work = self._closed = False

    @property
    def idle(self):
        return Timing({}, True, 0.0, 0 if self.count_cycles else None, "mmio")

    @contextmanager
    def work(self, name):
        self.overlapped |= self._at_work or self._closed
        self._at_work = True
        self.log.append(name)
        try:
            yield
        finally:
            self._at_work = False

    def answer(self, job):
        if self.failing:
            self.failing -= 1
            raise DeviceTimeout("run", 0.05, "the kernel did not end", "call again", {"CTRL": 1})
        result = self.compute(*job)
        self.runs += 1
        self.timing = Timing(
            {stage: 1e-6 * self.runs for stage in STAGES},
            modelled=True,
            kernel_seconds=1e-3 * self.runs,
            cycles=1000 * self.runs if self.count_cycles else None,
            access="mmio",
        )
        return result

    def compute(self, *job):
        return reference.run(self.model, *job)

    def run(self, *job):
        with self.work("run"):
            self.inside.set()
            assert self.hold.wait(30)
            return self.answer(job)

    async def run_async(self, *job):
        with self.work("async"):
            self.inside.set()
            await asyncio.sleep(0)
            while not self.hold.is_set():
                await asyncio.sleep(1e-3)
            return self.answer(job)

    def run_many(self, jobs):
        ahead = None
        try:
            for job in jobs:
                with self.work("start"):
                    pass
                if ahead is not None:
                    yield self._end(ahead)
                ahead = job
            if ahead is not None:
                yield self._end(ahead)
        finally:
            with self.work("many closed"):
                pass

    def open_stream(self, refinements):
        return FakeSteps(self, refinements)

    def close(self):
        with self.work("closed"):
            self._closed = True

    def _end(self, job):
        with self.work("end"):
            return self.answer(job)


class FakePlanDevice(FakeDevice):
    """The same on a plan, wave after wave."""

    def __init__(self, plan):
        super().__init__(plan)
        self.sizes = plan.hidden_sizes()

    def compute(self, x, *more):
        return plan_reference.run(self.model, x, *more)


class FakeSteps(HostSteps):
    """State on chip; a step that fails loses it."""

    def __init__(self, device, refinements):
        sizes = getattr(device, "sizes", None) or device.model.hidden_sizes
        super().__init__(SimpleNamespace(hidden_sizes=sizes), device, refinements)
        self._device = device

    def step(self, x):
        self._backend = self  # `run` without a note
        with self._device.work("step"):
            return super().step(x)

    def run(self, *job):
        try:
            return self._device.answer(job)
        except DeviceTimeout:
            self.reset()
            raise

    def close(self):
        with self._device.work("stream closed"):
            pass
