"""Pipelined loops, an iteration a cycle, as forms (see max_plus.py)."""

from dataclasses import dataclass, replace

import numpy as np

from pynq_lstm.accelerator.timing.max_plus import (
    NEVER,
    ago,
    at,
    join,
    later,
    one_a_cycle,
    spread,
)


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
    return Pipeline(count, starts, drained(latencies, starts, depth), depth, stalls)


def drained(latencies, starts, depth):
    """When what follows a loop begins: its last result has left."""
    return later(at(starts, -1), depth + latencies.loop_exit)


def slots(count, depth, calls):
    """When the tokens of a call find slots in a FIFO: the one `depth` before has been read.

    Parameters
    ----------
    count, depth : int
        Tokens of the call; slots of the FIFO.
    calls : iterable of (int, form)
        From this or an earlier call back: how many calls it is before, and when its tokens are
        read.

    Returns
    -------
    form
    """
    found, before = {}, 0  # tokens from the first one of that call on to this one's
    for calls_before, reads in calls:
        own = len(next(iter(reads.values()), ()))
        before += own if calls_before else 0
        tokens = np.arange(max(0, depth - before), min(count, depth - before + own))
        if len(tokens):
            read = ago(at(reads, tokens + before - depth), calls_before)
            found = join(found, spread(later(read, 1), tokens, count))
        if before >= depth:
            break
    return found


def held_back(latencies, loop, iterations, found):
    """A loop that stands still while a FIFO behind it is full.

    Parameters
    ----------
    latencies : Latencies
    loop : Pipeline
    iterations : ndarray of int
        Those that write to the FIFO.
    found : form
        When the result of each finds a slot.

    Returns
    -------
    Pipeline
    """
    inside = iterations + loop.depth  # what has started by then stands still with it
    late = inside < loop.count
    waits = one_a_cycle(spread(at(found, late), inside[late], loop.count))
    rest = loop.count - 1 - iterations + latencies.loop_exit
    end = {event: (offset + rest).max() for event, offset in found.items()}
    return replace(loop, starts=join(loop.starts, waits), end=join(loop.end, end))


def through_fifo(exits, starts, depth):
    """The iterations of a loop that read, one each, what another one writes.

    The other loop stands still while the FIFO between them is full, so that all that is inside
    leaves later.

    Parameters
    ----------
    exits : form
        When results would leave the other loop if the FIFO were never full.
    starts : form
        When the iterations would start if they did not wait for them.
    depth : int
        Of the FIFO.

    Returns
    -------
    form
        When they do.
    """
    events = list({**exits, **starts})
    gaps = np.diff(next(iter(exits.values())), prepend=0)
    nothing = np.full(len(gaps), NEVER)
    leave = np.array([exits.get(event, nothing) for event in events], float)
    read = np.array([starts.get(event, nothing) for event in events], float)
    for n in range(len(gaps)):
        slot = read[:, n - depth] + 1 if n >= depth else NEVER
        behind = leave[:, n - 1] + gaps[n] if n else NEVER
        leave[:, n] = np.maximum(leave[:, n], np.maximum(slot, behind))
        read[:, n] = np.maximum(read[:, n], leave[:, n] + 1)
        read[:, n] = np.maximum(read[:, n], read[:, n - 1] + 1 if n else NEVER)
    return dict(zip(events, read))
