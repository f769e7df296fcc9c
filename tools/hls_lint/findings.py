"""What the lint says: findings with a place, a rule and a sentence, as text and as JSON."""

import json
from dataclasses import asdict, dataclass

ERROR, WARNING = "error", "warning"

RULES = {
    "parse": "the source compiles as C++14",
    "top-linkage": 'one top function, defined once, extern "C", returning void',
    "interface": "every argument of the top, and its return, has an INTERFACE; nothing else has",
    "pragma-unknown": "the pragma is in the portable core of Vitis HLS 2022.1 to 2025.2",
    "pragma-retired": "the pragma still exists in Vitis HLS",
    "pragma-option": "options and values of the pragma, bare words where versions differ",
    "pragma-form": "written as #pragma HLS, not _Pragma or another case",
    "pragma-variable": "the variable that a pragma names is declared before it and in scope",
    "pragma-position": "first in the block that it governs, or next to the declaration",
    "guarantee": "DEPENDENCE ... false follows a line '// guarantee: ...'",
    "storage": "a memory bound to URAM has no initial values",
    "dataflow-body": "a region holds declarations and calls of void functions only",
    "dataflow-argument": "arguments of a process are names or constants, computed elsewhere",
    "dataflow-inline": "a process is not inlined",
    "dataflow-channel": "each channel has one writer and one reader, in different processes",
    "dataflow-feedback": "data goes forward; back only in a stream declared outside the region",
    "dataflow-maxi": "a memory pointer, and a bundle, belong to one process of a region",
    "dataflow-static": "no static or global memory is shared by two processes",
    "dataflow-loop": "a dataflow loop counts an int from 0, by 1, below a constant or argument",
    "loop-label": "pipelined loops are labelled",
    "loop-bound": "a constant trip count, or LOOP_TRIPCOUNT with min and max",
    "loop-forever": "no loop without an end",
    "loop-unroll": "a loop that is unrolled whole has a constant trip count",
    "loop-inner": "loops inside a pipelined one are unrolled",
    "loop-divide": "no division or remainder by a variable in a loop",
    "partition": "an array indexed by an unrolled loop is partitioned in that dimension",
    "pack-maxi": "an element of a memory port is a power of two and at most 1024 bits",
    "pack-stream": "a stream's word is at most 4096 bits",
    "pack-vector": "sizes of hls::vector are powers of two",
    "stream-order": "only blocking read() and write(); nothing that depends on timing",
    "heap": "no new, delete, malloc or free",
    "recursion": "no recursion",
    "virtual": "no virtual functions or bases",
    "function-pointer": "no pointers or references to functions",
    "vla": "no arrays of variable size",
    "std": "nothing of the standard library but compile-time traits and integer types",
    "float": "no floating-point types",
    "call": "no calls of functions that have no body here",
    "goto": "no goto, no assembly",
    "exception": "no exceptions",
    "rtti": "no dynamic_cast or typeid",
    "volatile": "no volatile: it forbids bursts",
    "unreached": "every function is reached from the top, so that it is checked",
}


@dataclass(frozen=True, order=True)
class Finding:
    """One violation.

    Parameters
    ----------
    file : str
        Path of the source as it was given or found.
    line : int
        1-based line; 0 where the whole file is meant.
    rule : str
        A key of :data:`RULES`.
    message : str
        What is wrong there.
    severity : str
        ``"error"`` or ``"warning"``.
    """

    file: str
    line: int
    rule: str
    message: str
    severity: str = ERROR

    def __post_init__(self):
        if self.rule not in RULES:
            raise KeyError(self.rule)

    def __str__(self):
        return f"{self.file}:{self.line}: {self.severity}: {self.message} [{self.rule}]"


class Findings:
    """Collects findings; the same one from two instantiations counts once."""

    def __init__(self):
        self._found = set()

    def add(self, place, rule, message, severity=ERROR):
        """Add one; `place` is a libclang cursor or a pair of file and line."""
        file, line = place if isinstance(place, tuple) else location_of(place)
        self._found.add(Finding(file, line, rule, message, severity))

    def warn(self, place, rule, message):
        """Add a warning."""
        self.add(place, rule, message, WARNING)

    def sorted(self):
        """All findings, by place.

        Returns
        -------
        list of Finding
        """
        return sorted(self._found)


def location_of(cursor):
    """File and line of a cursor; ("", 0) where it has none."""
    where = cursor.location
    return (where.file.name if where.file else "", where.line)


def has_errors(findings):
    """Whether one of the findings is an error."""
    return any(found.severity == ERROR for found in findings)


def to_text(findings):
    """The findings a line each, and a line of totals."""
    errors = sum(found.severity == ERROR for found in findings)
    lines = [str(found) for found in findings]
    return "\n".join([*lines, f"{errors} errors, {len(findings) - errors} warnings"])


def to_json(findings):
    """The findings as a JSON list of objects."""
    return json.dumps([asdict(found) for found in findings], indent=2)
