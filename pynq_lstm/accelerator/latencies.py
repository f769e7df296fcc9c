"""Latencies that the model of cycles assumes; none is a synthesis result.

``latencies.json`` has those of ``hls_src/svd_lstm`` as the timed simulation takes them, and
``latencies_block_diagonal.json`` those of ``hls_src/block_diagonal_lstm``; a test holds them
together, ``python tests/hls/make_latencies.py`` writes the files.
"""

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Mapping

from pynq_lstm.errors import DesignError

FILE = Path(__file__).with_name("latencies.json")
FILES = {"svd": FILE, "block_diagonal": FILE.with_name("latencies_block_diagonal.json")}


@dataclass(frozen=True)
class Loop:
    """A pipelined loop.

    Attributes
    ----------
    depth : int
        Cycles from the start of an iteration to its results.
    style : str
        "stp" (it holds results back while it waits for a token), "frp" (it lets them go), or
        empty: Vitis' default.
    ii : int
        Cycles from the start of an iteration to that of the next one.
    """

    depth: int
    style: str = ""
    ii: int = 1


@dataclass(frozen=True)
class Latencies:
    """Cycles of the clock.

    Raises
    ------
    DesignError
        A number that no hardware has.

    Attributes
    ----------
    loops : mapping of str to Loop
        By label; a copy of what is given, which cannot be changed.
    loop_entry, loop_exit : int
        States around a pipelined loop.
    call_start : int
        From the start of a process to its first state.
    start_propagation : int
        From the start of a process to that of those which it feeds.
    sequential_access : int
        A token read or written outside of pipelined loops.
    sequential_iteration, plain_iteration : int
        An iteration of a loop around them; of a loop without any.
    memory_read, memory_write : int
        From the start of a burst to its first beat; from its last one to the response.
    stalling_by_default : bool
        Whether Vitis' default is "stp".
    depth_factor : float
        Scales all depths: 0.5, 1 and 2 give the range to quote results with.
    """

    loops: Mapping[str, Loop]
    loop_entry: int
    loop_exit: int
    call_start: int
    start_propagation: int
    sequential_access: int
    sequential_iteration: int
    plain_iteration: int
    memory_read: int
    memory_write: int
    stalling_by_default: bool = True
    depth_factor: float = 1.0

    def __post_init__(self):
        for name in OVERHEADS:
            _check(f"latencies.{name}", getattr(self, name), 0)
        for label, loop in self.loops.items():
            _check(f"latencies.loops.{label}.depth", loop.depth, 1)
            _check(f"latencies.loops.{label}.ii", loop.ii, 1)
        _check("latencies.depth_factor", self.depth_factor, 2**-6)
        # all users of a design have one object in common, and results are kept by it
        object.__setattr__(self, "loops", MappingProxyType(dict(self.loops)))

    def __reduce__(self):  # a view of a mapping cannot be pickled
        loops, *others = (getattr(self, field.name) for field in fields(self))
        return type(self), (dict(loops), *others)

    def __hash__(self):
        own = (getattr(self, field.name) for field in fields(self) if field.name != "loops")
        return hash((frozenset(self.loops.items()), *own))

    def depth(self, label):
        """Depth of a loop, scaled and rounded; at least 1."""
        return max(1, int(self._loop(label).depth * self.depth_factor + 0.5))

    def alone(self, label, count):
        """Cycles of a loop that waits for nothing, with the states around it."""
        loop, around = self._loop(label), self.loop_entry + self.loop_exit
        return around + ((count - 1) * loop.ii + self.depth(label) if count else 0)

    def stalls(self, label):
        """Whether a loop holds results back while it waits for a token."""
        style = self._loop(label).style
        return style == "stp" or (not style and bool(self.stalling_by_default))

    def _loop(self, label):
        if label not in self.loops:
            raise DesignError("latencies.loops", label, "no such loop", "add its depth")
        return self.loops[label]

    @classmethod
    def of(cls, design):
        """Those of a design's engine."""
        return _of(design.engine)

    @classmethod
    def load(cls, path=FILE):
        """Those of a file; default: ``latencies.json``."""
        values = json.loads(Path(path).read_text(encoding="utf-8"))
        loops = {label: Loop(**loop) for label, loop in values["loops"].items()}
        return cls(loops=loops, **{name: values[name] for name in OVERHEADS})


OVERHEADS = (
    "loop_entry",
    "loop_exit",
    "call_start",
    "start_propagation",
    "sequential_access",
    "sequential_iteration",
    "plain_iteration",
    "memory_read",
    "memory_write",
)


@cache
def _of(engine):
    return Latencies.load(FILES[engine])


def _check(field, value, least):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not least <= value < 1 << 20:
        raise DesignError(field, value, f"not a number from {least} on", "take that of a design")
