"""Many calls of a session, timed."""

import numbers
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Dict, Optional

import numpy as np

from pynq_lstm.errors import InputError

_MOST_ZEROS = 1 << 30  # bytes that are made up
_CYCLE_CALLS = 5  # reading the counter costs register accesses, so these calls are not timed


@dataclass(frozen=True)
class Benchmark:
    """Times of many calls, measured on this machine.

    Attributes
    ----------
    backend : str
    calls : int
    p50, p99, max, mean : float
        Seconds a call, everything included.
    stages : dict
        Stage to {"p50", "p99", "max"}, seconds; the stages are those of `RunReport.seconds`.
    modelled : bool
        Whether the device is an emulated one: then `kernel_seconds` and `cycles` are modelled.
    kernel_seconds : float or None
        Median of the accelerator alone, from calls of their own where cycles are counted.
    cycles : int or None
        Median of the kernel's cycles, from calls of their own.
    access : str or None
        The way to a device's registers.
    """

    backend: str
    calls: int
    p50: float
    p99: float
    max: float
    mean: float
    stages: Dict[str, Dict[str, float]]
    modelled: bool
    kernel_seconds: Optional[float] = None
    cycles: Optional[int] = None
    access: Optional[str] = None

    @classmethod
    def of(cls, seconds, reports, counted=()):
        """Summarise the seconds and the reports of calls, and reports of calls that counted."""
        last = reports[-1]
        return cls(
            last.backend,
            len(seconds),
            **_spread(seconds),
            mean=float(np.mean(seconds)),
            stages={name: _spread([r.seconds[name] for r in reports]) for name in last.seconds},
            modelled=last.modelled,
            kernel_seconds=_median([r.kernel_seconds for r in counted or reports]),
            cycles=_median([r.cycles for r in counted], int),
            access=last.access,
        )

    def to_dict(self):
        """For JSON."""
        return asdict(self)


def measure(calls, x=None, batch=1, steps=32, count=100, refinements=None):
    """See `Session.benchmark`."""
    for name, value in (("batch", batch), ("steps", steps), ("calls", count)):
        if not isinstance(value, numbers.Integral) or value < 1:
            raise InputError(name, value, "not a count", "pass an integer of at least 1")
    if x is None:
        size = 4 * batch * steps * sum(calls.model.input_sizes)
        if size > _MOST_ZEROS:
            problem = f"{size:,d} bytes of x with {steps:,d} steps, above {_MOST_ZEROS:,d}"
            raise InputError("batch", batch, problem, "pass fewer sequences or steps")
        x = zeros(calls.model, batch, steps)

    def call():
        calls.infer(x, None, None, refinements)
        return calls.last_run

    call()  # warms up
    seconds, reports = [], []
    for _ in range(count):
        begin = time.perf_counter()
        calls.infer(x, None, None, refinements)
        seconds.append(time.perf_counter() - begin)
        reports.append(calls.last_run)
    return Benchmark.of(seconds, reports, _counted(calls, call, min(count, _CYCLE_CALLS)))


def zeros(model, batch, steps):
    """An input of zeros, as `Session.infer` takes it."""
    arrays = [np.zeros((batch, steps, size), np.float32) for size in model.input_sizes]
    return arrays if len(arrays) > 1 else arrays[0]


def _counted(calls, call, count):
    """Reports of `count` more calls, where the back end can count cycles."""
    with counting(calls) as counts:
        return [call() for _ in range(count)] if counts else []


@contextmanager
def counting(calls):
    """Have reports hold the kernel's cycles, where the back end can count them; gives whether."""
    backends = getattr(calls, "backends", None) or [calls.backend]  # of a network, one a pass
    if not all(hasattr(backend, "count_cycles") for backend in backends):
        yield False
        return
    before = [backend.count_cycles for backend in backends]
    try:
        for backend in backends:
            backend.count_cycles = True
        yield True
    finally:
        for backend, value in zip(backends, before):
            backend.count_cycles = value


def _spread(seconds):
    p50, p99 = np.percentile(seconds, (50, 99))
    return {"p50": float(p50), "p99": float(p99), "max": float(np.max(seconds))}


def _median(values, kind=float):
    known = [value for value in values if value is not None]
    return kind(np.median(known)) if known else None
