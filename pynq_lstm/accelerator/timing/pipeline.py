"""Pipelined loops, an iteration a cycle, as forms (see max_plus.py)."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.timing.max_plus import NEVER, at, join, later, one_a_cycle, spread


@dataclass(frozen=True)
class Pipeline:
    """A loop and when it runs.

    Attributes
    ----------
    count : int
        Iterations.
    starts : form
        When each of them starts; empty if there are none.
    end : form
        When what follows the loop begins.
    depth : int
    stalls : bool
        Whether results stay in it while it waits for a token.
    """

    count: int
    starts: dict
    end: dict
    depth: int
    stalls: bool

    def results(self, iterations):
        """When the results of some iterations can be read from a FIFO."""
        if not self.count or not self.stalls:
            return later(at(self.starts, iterations), self.depth + 1)
        # iterations behind push them on; behind the last one they move by themselves
        pushed = np.minimum(iterations + self.depth, self.count - 1)
        return later(at(self.starts, pushed), iterations + self.depth - pushed + 1)


def pipeline(latencies, label, begin, count, arrivals=()):
    """A loop.

    Parameters
    ----------
    latencies : Latencies
    label : str
    begin : form
        When what stands before the loop is done.
    count : int
    arrivals : sequence of (ndarray of int, form)
        Iterations that read a stream, and when the token of each can be read.

    Returns
    -------
    Pipeline
    """
    first = later(begin, latencies.loop_entry)
    depth, stalls = latencies.depth(label), latencies.stalls(label)
    if not count:
        return Pipeline(0, {}, later(first, latencies.loop_exit), depth, stalls)
    starts = later(first, np.arange(count))
    for iterations, tokens in arrivals:
        starts = join(starts, one_a_cycle(spread(tokens, iterations, count)))
    return Pipeline(count, starts, drained(latencies, label, starts), depth, stalls)


def drained(latencies, label, starts):
    """When what follows a loop begins: its last result has left."""
    return later(at(starts, -1), latencies.depth(label) + latencies.loop_exit)


def held_back(exits, starts, depth):
    """A loop that stands still while a FIFO is full, which another one reads in every iteration.

    Parameters
    ----------
    exits : form
        When its results would leave the first loop if the FIFO were never full.
    starts : form
        When iterations of the second loop would start if they did not wait for the first one.
    depth : int
        Of the FIFO.

    Returns
    -------
    exits, starts : form
        When they do.
    """
    events = list({**exits, **starts})
    gaps = np.diff(next(iter(exits.values())))
    nothing = np.full(len(gaps) + 1, NEVER)
    leave = np.array([exits.get(event, nothing) for event in events], float)
    read = np.array([starts.get(event, nothing) for event in events], float)
    for n in range(len(nothing)):
        if n:
            leave[:, n] = np.maximum(leave[:, n], leave[:, n - 1] + gaps[n - 1])
            read[:, n] = np.maximum(read[:, n], read[:, n - 1] + 1)
        if n >= depth:
            leave[:, n] = np.maximum(leave[:, n], read[:, n - depth] + 1)
        read[:, n] = np.maximum(read[:, n], leave[:, n] + 1)
    return dict(zip(events, leave)), dict(zip(events, read))
