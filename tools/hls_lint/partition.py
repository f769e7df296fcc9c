"""Warn of arrays that an unrolled loop indexes in a dimension that is not partitioned.

An array of which all indices are known becomes registers by itself, so only those are meant that
some access indexes by a variable.
"""

from dataclasses import dataclass, field

from clang.cindex import CursorKind

from .constants import is_constant
from .cursors import is_constant_data, is_stream, key, operands
from .places import Places


@dataclass
class _Array:
    """An array, or one in a member, with what was seen of it."""

    home: object
    declaration: object
    member: str
    unrolled: set = field(default_factory=set)
    varies: bool = False


class PartitionRule:
    """Sees every element access with what surrounds it; says at the end what it found.

    Parameters
    ----------
    calls : Calls
    blocks : Blocks
    accesses : Accesses
    origins : Origins
    findings : Findings
    """

    def __init__(self, calls, blocks, accesses, origins, findings):
        self._calls, self._blocks, self._accesses = calls, blocks, accesses
        self._origins, self._findings = origins, findings
        self._arrays = {}

    def see(self, function, element, unrolled, inside):
        """Take note of one ARRAY_SUBSCRIPT_EXPR.

        Parameters
        ----------
        function : Function
        element : clang.cindex.Cursor
        unrolled : frozenset
            Keys of the counters of the unrolled loops around it.
        inside : tuple of (str, int, int) or None
            File and offsets of the piece in which arrays become registers anyway.
        """
        base, index = operands(element)
        if is_constant(index) or is_stream(base.type):
            return
        for root, path in Places(self._accesses.variables, self._calls, function).resolve(base):
            for home, declaration, whole in self._origins.of(function, root, path):
                member, dimension = _dimension(whole)
                skipped = is_constant_data(declaration.type)
                if dimension is None or skipped or _is_within(declaration, inside):
                    continue
                array = self._arrays.setdefault(
                    (key(declaration), member), _Array(home, declaration, member)
                )
                if is_constant(index, unrolled):
                    array.unrolled.add(dimension)
                else:
                    array.varies = True

    def report(self):
        """Add the findings on all that was seen."""
        for array in self._arrays.values():
            if array.varies:
                for dimension in sorted(array.unrolled - self._partitioned(array)):
                    message = (
                        f"{array.declaration.spelling + array.member} is indexed by an unrolled "
                        f"loop, but dimension {dimension} is not partitioned"
                    )
                    self._findings.warn(array.declaration, "partition", message)

    def _partitioned(self, array):
        names = {array.declaration.spelling, array.declaration.spelling + array.member}
        dimensions = set()
        for body in array.home.cursor.walk_preorder():
            if body.kind != CursorKind.COMPOUND_STMT:
                continue
            for pragma in self._blocks.pragmas_of(body):
                if pragma.name in ("ARRAY_PARTITION", "ARRAY_RESHAPE") and (
                    pragma.options.get("variable") in names
                ):
                    dimension = pragma.options.get("dim", "1")
                    dimensions |= array.unrolled if dimension == "0" else {int(dimension)}
        return dimensions


def _dimension(path):
    """Member names and the 1-based dimension that the next index has; None within elements."""
    members, count = "", 0
    for step in path:
        if step.startswith("["):
            count += 1
        elif count:
            return members, None
        else:
            members += step
    return members, count + 1


def _is_within(declaration, inside):
    if inside is None:
        return False
    file, start, end = inside
    where = declaration.extent.start
    return where.file is not None and where.file.name == file and start <= where.offset < end
