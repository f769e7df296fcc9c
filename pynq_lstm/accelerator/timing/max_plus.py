"""Times that are the latest of several, and the circuit of events that sets a pace.

A *form* says when something can happen: the latest of (time of an event + offset) over some
events, as ``{event: offset}``. Where it speaks of the tokens of a stream or of the iterations
of a loop, offsets are arrays with one value for each.

Events that recur with every wave and wait for one another so settle to a period: the greatest
sum of cycles / sum of waves over the circuits that they form (Baccelli et al., Synchronization
and Linearity, 1992, chapter 3). The sum of a circuit is a formula, the greatest one the limit.
"""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

NEVER = -np.inf  # offset of what is not waited for
CLOSE = 1e-6  # cycles; two circuits that differ do so by far more


def join(*forms):
    """The latest of several forms."""
    joined = {}
    for form in forms:
        for event, offset in form.items():
            joined[event] = np.maximum(joined[event], offset) if event in joined else offset
    return joined


def later(form, cycles):
    """A form, `cycles` later."""
    return {event: offset + cycles for event, offset in form.items()}


def ago(form, calls):
    """A form over events (name, calls before), as a call sees it that comes `calls` later."""
    return {(name, before + calls): offset for (name, before), offset in form.items()}


def at(form, index):
    """The form of one token, or of some of them."""
    return {event: offset[index] for event, offset in form.items()}


def spread(form, places, count):
    """A form over `count` places that waits for nothing but at some of them."""
    result = {event: np.full(count, NEVER) for event in form}
    for event, offset in form.items():
        result[event][places] = offset
    return result


def one_a_cycle(form):
    """The form of what happens in turn, in a cycle of its own each."""
    return {
        event: np.maximum.accumulate(offset - np.arange(len(offset))) + np.arange(len(offset))
        for event, offset in form.items()
    }


@dataclass(frozen=True)
class Edge:
    """`target` happens at least `cycles` after the `source` of `waves` before."""

    source: object
    target: object
    cycles: float
    waves: int


@dataclass(frozen=True)
class Pace:
    """How events settle.

    Attributes
    ----------
    period : float
        Cycles a wave.
    circuit : tuple of Edge
        What sets it; each edge begins where the one before it ends.
    times : dict
        When events happen in a wave; those that do not wait for the circuit at `NEVER`.
    """

    period: float
    circuit: Tuple[Edge, ...]
    times: dict


def settle(edges):
    """The pace of events.

    Parameters
    ----------
    edges : sequence of Edge
        Every circuit passes a wave.

    Returns
    -------
    Pace or None
        None if no circuit takes time.
    """
    graph = _Graph(edges)
    circuit = graph.circuit(0.0)
    while circuit:  # every one is slower than the last
        period = sum(e.cycles for e in circuit) / sum(e.waves for e in circuit)
        slower = graph.circuit(period)
        if not slower:
            return Pace(period, circuit, graph.times(period, circuit[0].source))
        circuit = slower
    return None


class _Graph:
    """Longest paths along edges, each `period` cycles shorter for every wave that it passes."""

    def __init__(self, edges):
        self.edges = tuple(edges)
        self.events = list(dict.fromkeys(e for edge in edges for e in (edge.source, edge.target)))
        place = {event: n for n, event in enumerate(self.events)}
        self.source = np.array([place[edge.source] for edge in edges], int)
        self.target = np.array([place[edge.target] for edge in edges], int)
        self.cycles = np.array([edge.cycles for edge in edges], float)
        self.waves = np.array([edge.waves for edge in edges], float)

    def circuit(self, period):
        """Edges of a circuit of more than `period` cycles a wave; empty if there is none."""
        times, by = np.zeros(len(self.events)), np.full(len(self.events), -1)
        while True:
            times, new = self._step(times, period)
            if (new < 0).all():
                return ()
            by = np.where(new < 0, by, new)
            found = self._closed(by)
            if found:
                return found

    def times(self, period, begin):
        """Longest paths from an event."""
        times, new = np.full(len(self.events), NEVER), np.zeros(1)
        times[self.events.index(begin)] = 0
        while (new >= 0).any():
            times, new = self._step(times, period)
        return dict(zip(self.events, times.tolist()))

    def _step(self, times, period):
        """Times with one more edge, and the edge that made each one later, or -1."""
        reached = times[self.source] + self.cycles - period * self.waves
        latest = times.copy()
        np.maximum.at(latest, self.target, reached)
        by = np.full(len(times), -1)
        last = np.flatnonzero(
            (reached == latest[self.target]) & (reached > times[self.target] + CLOSE)
        )
        by[self.target[last]] = last
        return np.where(by < 0, times, latest), by

    def _closed(self, by):
        """The circuit of edges that events came by, if some close one."""
        none = len(by)
        before = np.append(np.where(by < 0, none, self.source[by]), none)
        back = before
        for _ in range(none.bit_length()):  # 2, 4, 8 ... events back: more than there are
            back = back[back]
        on_circuit = back[back < none]
        if not len(on_circuit):
            return ()
        edges, event = [], on_circuit[0]
        while not edges or event != on_circuit[0]:
            edges.append(self.edges[by[event]])
            event = before[event]
        return tuple(reversed(edges))
