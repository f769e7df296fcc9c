"""Calls timed in turn: A B C A B C ..., each for a block of some milliseconds."""

import gc
import time
from dataclasses import dataclass

import numpy as np

BLOCK = 8e-3  # seconds
REST = 5e-3  # seconds before a block with several threads: others' stop spinning
CHOICE_ROUNDS = 3
MICROSECONDS = 1e-3  # of a nanosecond


@dataclass(frozen=True, eq=False)
class Times:
    """Microseconds a call, one value a round.

    Attributes
    ----------
    cpu : ndarray, (rounds,), float64
        Time of the process on the processor, all its threads together.
    wall : ndarray, (rounds,), float64
    """

    cpu: np.ndarray
    wall: np.ndarray


def in_turn(calls, rounds, threads=1, progress=lambda: None):
    """Time the calls, each once a round.

    Parameters
    ----------
    calls : dict of name to callable
    rounds : int
    threads : int
        Of the calls: with several, each block waits first for the pools of the others to sleep.
    progress : callable
        Called after each round.

    Returns
    -------
    dict of name to Times
    """
    sizes = {name: block_size(call) for name, call in calls.items()}
    taken = {name: np.empty((rounds, 2)) for name in calls}
    gc.collect()
    gc.disable()
    try:
        for r in range(rounds):
            for name, call in calls.items():
                if threads > 1:
                    time.sleep(REST)
                taken[name][r] = block(call, sizes[name])
            progress()
    finally:
        gc.enable()
    return {name: Times(*(values.T * MICROSECONDS)) for name, values in taken.items()}


def block(call, count):
    """Nanoseconds a call, of the processor and of the wall, in `count` calls after an untimed."""
    call()
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(count):
        call()
    wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    return cpu / count, wall / count


def block_size(call):
    """Calls that make a block of about `BLOCK` seconds, at least one."""
    call()
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < BLOCK:
        call()
        count += 1
    return count


def fastest(calls, threads=1):
    """The call with the lowest minimum over a few rounds."""
    if len(calls) == 1:
        return calls[0]
    times = in_turn(dict(enumerate(calls)), CHOICE_ROUNDS, threads)
    return calls[min(times, key=lambda i: times[i].wall.min())]
