"""Rules of loops: labels, bounds, unrolling, what a pipeline holds, divisions."""

from dataclasses import dataclass, replace

from clang.cindex import CursorKind, TypeKind

from .constants import is_constant
from .cursors import LOOPS, body_of, children, key, operands, stripped, value_type
from .libclang import binary_operator
from .loop_header import counts_constantly, header_of

_DIVISIONS = {"/", "%", "/=", "%="}


@dataclass(frozen=True)
class _Around:
    """What surrounds a statement."""

    in_loop: bool = False
    pipelined: bool = False
    unrolled: frozenset = frozenset()
    labelled: bool = False
    inside: tuple = None
    function: object = None


class LoopRules:
    """Walks every reached body, calls included, with what surrounds it.

    Parameters
    ----------
    unit : Unit
    calls : Calls
    blocks : Blocks
    findings : Findings
    partition : PartitionRule
        Told of every element access.
    """

    def __init__(self, unit, calls, blocks, findings, partition):
        self._unit, self._calls, self._blocks, self._findings = unit, calls, blocks, findings
        self._partition = partition
        self._seen = set()

    def check(self):
        """Check from the top down."""
        self._function(self._calls.top, _Around())

    def _function(self, function, around):
        pipelined = around.pipelined or bool(self._blocks.pragmas_of(function.body, "PIPELINE"))
        state = (key(function.cursor), around.in_loop, pipelined)
        if state not in self._seen:
            self._seen.add(state)
            inside = _extent(function.cursor) if pipelined else None
            inner = _Around(around.in_loop, pipelined, inside=inside, function=function)
            self._visit(function.cursor, inner)

    def _visit(self, cursor, around):
        for child in cursor.get_children():
            if child.kind in LOOPS:
                self._loop(child, around)
                continue
            if child.kind == CursorKind.CALL_EXPR:
                callee = self._calls.function(child.referenced)
                constructs = child.referenced is not None and (
                    child.referenced.kind == CursorKind.CONSTRUCTOR
                )
                if not constructs and is_constant(child, around.unrolled):
                    continue  # the compiler computes it
                if callee is not None:
                    self._function(callee, around)
            if child.kind == CursorKind.ARRAY_SUBSCRIPT_EXPR:
                self._partition.see(around.function, child, around.unrolled, around.inside)
            self._division(child, around)
            self._visit(child, replace(around, labelled=child.kind == CursorKind.LABEL_STMT))

    def _loop(self, loop, around):
        body = body_of(loop)
        pragmas = {pragma.name: pragma for pragma in self._blocks.pragmas_of(body)}
        pipeline = "PIPELINE" in pragmas and "off" not in pragmas["PIPELINE"].words
        unroll = "UNROLL" in pragmas and "off" not in pragmas["UNROLL"].words
        whole = unroll and "factor" not in pragmas["UNROLL"].options
        constant = self._bound(loop, around, "LOOP_TRIPCOUNT" in pragmas)
        if pipeline and not around.labelled:
            self._findings.add(loop, "loop-label", "a pipelined loop has no label")
        if whole and not constant:
            self._findings.add(loop, "loop-unroll", "unrolled, but its trip count varies")
        if around.pipelined and not whole:
            self._findings.add(loop, "loop-inner", "a loop in a pipelined one is not unrolled")
        unrolled = around.unrolled
        if whole and constant:
            unrolled |= {key(counter) for counter in self._counters(loop)}
        inside = replace(
            around,
            in_loop=True,
            pipelined=around.pipelined or pipeline,
            unrolled=unrolled,
            labelled=False,
            inside=around.inside or (_extent(loop) if pipeline or whole else None),
        )
        self._visit(loop, inside)

    def _counters(self, loop):
        header = header_of(self._unit, loop) if loop.kind == CursorKind.FOR_STMT else None
        return [header.counter] if header and header.counter is not None else []

    def _bound(self, loop, around, told):
        """Whether the trip count is constant; says what is wrong with the loop's end."""
        if loop.kind == CursorKind.CXX_FOR_RANGE_STMT:
            ranges = [child for child in children(loop) if child.kind != CursorKind.VAR_DECL]
            constant = value_type(stripped(ranges[0]).type).kind == TypeKind.CONSTANTARRAY
        elif loop.kind == CursorKind.FOR_STMT:
            header = header_of(self._unit, loop)
            if header is None:
                self._findings.add(loop, "loop-bound", "the head of the loop is in a macro")
                return False
            if header.condition is None or is_constant(header.condition):
                self._findings.add(loop, "loop-forever", "the loop has no end")
                return False
            constant = counts_constantly(loop, header, around.unrolled)
        else:
            parts = children(loop)
            condition = parts[0] if loop.kind == CursorKind.WHILE_STMT else parts[-1]
            if is_constant(condition):
                self._findings.add(loop, "loop-forever", "the loop has no end")
                return False
            constant = False
        if not constant and not told:
            message = "the trip count varies: give LOOP_TRIPCOUNT min= max="
            self._findings.add(loop, "loop-bound", message)
        return constant

    def _division(self, cursor, around):
        if not around.in_loop:
            return
        divisor = None
        if cursor.kind in (CursorKind.BINARY_OPERATOR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR):
            if binary_operator(cursor) in _DIVISIONS:
                divisor = operands(cursor)[1]
        elif cursor.kind == CursorKind.CALL_EXPR:
            name = cursor.spelling.removeprefix("operator")
            arguments = list(cursor.get_arguments())
            if name in _DIVISIONS and len(arguments) == 2:
                divisor = arguments[1]
        if divisor is not None and not is_constant(divisor, around.unrolled):
            self._findings.add(cursor, "loop-divide", "division by a variable in a loop")


def _extent(cursor):
    extent = cursor.extent
    return (extent.start.file.name, extent.start.offset, extent.end.offset)
