"""What a run of the timed simulation tells. All cycles rest on assumed II, depths and overheads."""

from dataclasses import dataclass

from .errors import SimulationError

BASIS = "timed dataflow simulation under assumed II, depths and overheads; not a synthesis result"


@dataclass(frozen=True)
class Process:
    """A process of a dataflow region.

    Attributes
    ----------
    name : str
        With those of the processes around it: ``waves/sigma``.
    ends : tuple of int
        Cycle in which each of its calls ended.
    starved, back_pressured, memory : int
        Cycles that it waited for tokens, for free slots, for memory.
    """

    name: str
    ends: tuple
    starved: int
    back_pressured: int
    memory: int

    @property
    def periods(self):
        """Cycles between the ends of successive calls: a step's, in steady state."""
        return tuple(b - a for a, b in zip(self.ends, self.ends[1:]))


@dataclass(frozen=True)
class Fifo:
    """A stream: declared depth, most tokens that it held at a time, tokens that went through."""

    name: str
    depth: int
    high_water: int
    tokens: int


@dataclass(frozen=True)
class Loop:
    """A pipelined loop and what it ran under.

    Attributes
    ----------
    label : str
        ``function.label``; each instance of a template has an entry.
    ii, depth : int
    stalling : bool
    iterations : int
        Over all its runs.
    in_progress : int
        Cycles from the first to the last iteration of each run, waits included, summed.
    """

    label: str
    ii: int
    depth: int
    stalling: bool
    iterations: int
    in_progress: int


@dataclass(frozen=True)
class Span:
    """One run of a pipelined loop, waits included; loops without an iteration leave none.

    Attributes
    ----------
    process : str
        With those of the processes around it.
    label : str
        ``function.label``.
    first, last : int
        Cycles in which its first and its last iteration started.
    end : int
        Cycle in which its last result had left.
    """

    process: str
    label: str
    first: int
    last: int
    end: int


@dataclass(frozen=True)
class Blocked:
    """A process that could not go on.

    Attributes
    ----------
    process, fifo : str
    direction : str
        "read" (the FIFO is empty), "write" (it is full) or "start" (`note` says of what).
    cycle : int
    frozen : int
        Results that the process's stalling pipeline holds back.
    note : str
    """

    process: str
    direction: str
    fifo: str
    cycle: int
    frozen: int
    note: str


@dataclass(frozen=True)
class Report:
    """One run of the top function.

    Attributes
    ----------
    cycles : int
        From its start to its end, or to where it failed.
    beats_read, beats_written : int
        Of memory, on all its ports.
    kind : str
        Empty, or what failed: deadlock, leftover, ends, ii, depth, nesting, limit, exception.
    why : str
        The failure in a sentence.
    blocked : tuple of Blocked
        The processes of a deadlock.
    processes, fifos : dict
        By name.
    loops : tuple of Loop
        One each instance of a template.
    settings : dict of str to float
        The assumed numbers of this run.
    basis : str
        What every figure here rests on.
    """

    cycles: int
    beats_read: int
    beats_written: int
    kind: str
    why: str
    blocked: tuple
    processes: dict
    fifos: dict
    loops: tuple
    settings: dict
    basis: str = BASIS

    @property
    def failed(self):
        """True if the run failed."""
        return bool(self.kind)

    def process(self, name):
        """The process of this name, its prefix left out where that is clear."""
        return _named(self.processes, name, "process")

    def fifo(self, name):
        """The FIFO of this name, its prefix left out where that is clear."""
        return _named(self.fifos, name, "FIFO")

    def require_clean(self):
        """This report, if the run did not fail.

        Raises
        ------
        SimulationError
        """
        if self.failed:
            raise SimulationError("run", self.kind, self.why, "see the report's blocked and fifos")
        return self


def _named(items, name, what):
    if name in items:
        return items[name]
    found = [item for key, item in items.items() if key.endswith("/" + name)]
    if len(found) != 1:
        problem = "several have this name" if found else "there is none of this name"
        raise SimulationError(what, name, problem, "one of " + ", ".join(items))
    return found[0]


def parse_report(raw):
    """A Report from the JSON object of ``hlssim_report``."""
    processes = [Process(**{**p, "ends": tuple(p["ends"])}) for p in raw["processes"]]
    fifos = [Fifo(**f) for f in raw["fifos"]]
    return Report(
        cycles=raw["cycles"],
        beats_read=raw["beats_read"],
        beats_written=raw["beats_written"],
        kind=raw["kind"],
        why=raw["why"],
        blocked=tuple(Blocked(**b) for b in raw["blocked"]),
        processes={p.name: p for p in processes},
        fifos={f.name: f for f in fifos},
        loops=tuple(Loop(**loop) for loop in raw["loops"]),
        settings=dict(raw["settings"]),
    )
