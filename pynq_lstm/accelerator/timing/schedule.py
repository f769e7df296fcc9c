"""When each process works on a step, in steady state: what a Gantt chart of one step shows."""

from dataclasses import dataclass
from typing import Tuple

from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.timing.call import processes
from pynq_lstm.accelerator.timing.counts import prefix
from pynq_lstm.accelerator.timing.max_plus import NEVER, at, settle
from pynq_lstm.accelerator.timing.run import played
from pynq_lstm.accelerator.timing.wave import edges, steps

WAVES = 64, 128, 256, 512  # of a sequence; most have settled by the first of them


@dataclass(frozen=True)
class LoopBar:
    """A pipelined loop of a process at work, waits between its iterations included.

    Attributes
    ----------
    label : str
        That of the loop in ``hls_src``, such as "u_words".
    start : int
        Cycle in which its first iteration starts.
    end : int
        Cycle in which its last result has left.
    """

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Bar:
    """A process at work on one pair of LSTMs in one step.

    Attributes
    ----------
    process : str
        As in ``hls_src/*/waves.h``. "dispatch" reads x from memory and "collect" writes h to it,
        a beat a cycle; a loop of either is named so ("x_beats", "collect_beats").
    pair : int
        Of the plan.
    start, end : int
        Cycles from the first start of the step on: the first iteration of its loops, the last of
        its results.
    loops : tuple of LoopBar
        In their order; they lie within the bar.
    """

    process: str
    pair: int
    start: int
    end: int
    loops: Tuple[LoopBar, ...] = ()


def schedule(image, refinements=None, latencies=None):
    """Begin and end of the work of every process on one step, in steady state.

    It is the last step of a sequence that has settled: in which every event comes a wave's cycles
    after that of the step before (or of a few before, if a wave takes no whole number of cycles).
    Steps overlap. The input part works up to two steps ahead of the hidden part, so that the bars
    of a step span more than the cycles from one step to the next, which `wave_cycles` says.

    Parameters
    ----------
    image : Image
    refinements : int, optional
        The prefix that is asked for; default: the longest.
    latencies : Latencies, optional
        Default: those of the engine.

    Returns
    -------
    tuple of Bar
        By pair, then by process in the order of the block diagram. A process without work on a
        pair (no tile from memory) has none. The first one starts in cycle 0.

    Raises
    ------
    InputError
        A prefix that no RUN takes.
    """
    latencies, refinements = latencies or Latencies.of(image.design), prefix(refinements)
    pace = settle(edges(steps(image, refinements, latencies)))
    for waves in WAVES:
        calls, times = played(image, refinements, latencies, [waves], False, False)
        if _settled(times, pace, len(image.pairs)):
            break
    last = range(len(calls) - 1 - len(image.pairs), len(calls) - 1)  # the report is behind
    bars = [bar for n in last for bar in _bars(calls[n], times[: n + 1], latencies)]
    first = min(bar.start for bar in bars)
    return tuple(_moved(bar, first) for bar in bars)


def _settled(times, pace, pairs):
    """Whether the last wave comes as much later than earlier ones as the pace says."""
    waves = sum(edge.waves for edge in pace.circuit)
    return all(
        times[n][event] - times[n - waves * pairs].get(event, NEVER) == waves * pace.period
        for n in range(len(times) - 1 - pairs, len(times) - 1)
        for event in times[n]
    )


def _bars(call, times, latencies):
    for process in processes(call.image.design):
        loops = sorted(
            (
                _loop_bar(label, loop, times, latencies)
                for (own, label), loop in call.loops.items()
                if own == process and loop.count
            ),
            key=lambda bar: bar.start,
        )
        if loops:
            start, end = loops[0].start, max(loop.end for loop in loops)
            yield Bar(process, call.pair, start, end, tuple(loops))


def _loop_bar(label, loop, times, latencies):
    start = _time(at(loop.starts, 0), times)
    return LoopBar(label, start, _time(loop.end, times) - latencies.loop_exit)


def _time(form, times):
    """When a form of the last call comes about."""
    return int(
        max(
            times[-1 - before].get(name, NEVER) + offset
            for (name, before), offset in form.items()
            if before < len(times)
        )
    )


def _moved(bar, by):
    loops = tuple(LoopBar(own.label, own.start - by, own.end - by) for own in bar.loops)
    return Bar(bar.process, bar.pair, bar.start - by, bar.end - by, loops)
