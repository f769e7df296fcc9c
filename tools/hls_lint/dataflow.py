"""Rules of dataflow regions: which they are, and that they hold declarations and processes only."""

from clang.cindex import CursorKind, StorageClass, TypeKind

from .channel_rules import ChannelRules
from .channels import Process, Region
from .constants import is_constant
from .cursors import (
    ARRAYS,
    LOOPS,
    WRAPPERS,
    body_of,
    children,
    is_stream,
    key,
    operands,
    stripped,
    value_type,
)
from .dataflow_loop import check_loop
from .libclang import unary_operator

_QUIET = (
    CursorKind.TYPEDEF_DECL,
    CursorKind.TYPE_ALIAS_DECL,
    CursorKind.STATIC_ASSERT,
    CursorKind.USING_DECLARATION,
    CursorKind.USING_DIRECTIVE,
)


def find_regions(calls, blocks):
    """Every reached block with DATAFLOW.

    Parameters
    ----------
    calls : Calls
    blocks : Blocks

    Returns
    -------
    list of Region
        Without their processes.
    """
    regions = []
    for function in calls.functions.values():
        bodies = [(function.body, None)]
        bodies += [
            (body_of(loop), loop)
            for loop in function.cursor.walk_preorder()
            if loop.kind in LOOPS and body_of(loop) is not None
        ]
        regions += [
            Region(function, body, loop)
            for body, loop in bodies
            if blocks.pragmas_of(body, "DATAFLOW")
        ]
    return regions


class DataflowRules:
    """Checks the regions of a kernel.

    Parameters
    ----------
    unit : Unit
    calls : Calls
    blocks : Blocks
    accesses : Accesses
    findings : Findings
    """

    def __init__(self, unit, calls, blocks, accesses, findings):
        self._unit, self._calls, self._blocks = unit, calls, blocks
        self._accesses, self._findings = accesses, findings

    def check(self):
        """Check every region, and the streams of functions without one.

        Returns
        -------
        list of Region
            With their processes.
        """
        channels = ChannelRules(self._accesses, self._findings)
        regions = find_regions(self._calls, self._blocks)
        for region in regions:
            self._check_body(region)
            channels.check(region)
            if region.loop is not None:
                check_loop(self._unit, region, self._findings)
        within = {key(region.function.cursor) for region in regions}
        for function in self._calls.functions.values():
            if key(function.cursor) not in within:
                channels.check_sequential(function)
        return regions

    def _check_body(self, region):
        for statement in children(region.body):
            if statement.kind == CursorKind.DECL_STMT:
                for declaration in children(statement):
                    self._check_declaration(declaration)
                continue
            call = _call_of(statement)
            if call is not None:
                self._check_process(region, call)
            elif statement.kind != CursorKind.NULL_STMT:
                kind = statement.kind.name.lower().replace("_", " ")
                self._findings.add(statement, "dataflow-body", f"{kind} in a dataflow region")

    def _check_process(self, region, call):
        callee = self._calls.function(call.referenced)
        if callee is None or callee.cursor.kind == CursorKind.CONSTRUCTOR:
            message = f"{call.spelling} is no function of this project: not a process"
            self._findings.add(call, "dataflow-body", message)
            return
        if callee.cursor.result_type.get_canonical().kind != TypeKind.VOID:
            self._findings.add(call, "dataflow-body", f"{callee.name} returns a value")
        if any("off" not in p.words for p in self._blocks.pragmas_of(callee.body, "INLINE")):
            message = f"{callee.name} is inlined, so it is no process"
            self._findings.add(call, "dataflow-inline", message)
        for argument in call.get_arguments():
            if argument is not None and not _is_plain(argument) and not is_constant(argument):
                message = f"an argument of {callee.name} is computed in the region"
                self._findings.warn(call, "dataflow-argument", message)
        accesses = self._accesses.of_statements(region.function, [call])
        region.processes.append(Process(call, callee, accesses))

    def _check_declaration(self, declaration):
        if declaration.kind in _QUIET:
            return
        name = declaration.spelling
        if declaration.kind != CursorKind.VAR_DECL:
            self._findings.add(declaration, "dataflow-body", f"{name} is no variable")
        elif is_stream(declaration.type) or declaration.type.is_const_qualified():
            return
        elif declaration.storage_class == StorageClass.STATIC:
            message = f"{name} is static in a dataflow region: give it to the process that owns it"
            self._findings.add(declaration, "dataflow-static", message)
        elif _has_value(declaration):
            self._findings.add(declaration, "dataflow-body", f"{name} is computed in the region")


def _call_of(statement):
    """The call that a statement is, without what libclang wraps around it, or None."""
    while statement.kind in WRAPPERS:
        inner = operands(statement)
        if len(inner) != 1:
            return None
        statement = inner[0]
    return statement if statement.kind == CursorKind.CALL_EXPR else None


def _is_plain(argument):
    """A name, a member, an element, the address or a copy of one."""
    argument = stripped(argument)
    if argument.kind == CursorKind.DECL_REF_EXPR:
        return True
    if argument.kind == CursorKind.CALL_EXPR:
        copied = list(argument.get_arguments())
        return _constructs(argument) and len(copied) == 1 and _is_plain(copied[0])
    if argument.kind == CursorKind.MEMBER_REF_EXPR:
        return all(_is_plain(inner) for inner in operands(argument))
    if argument.kind == CursorKind.ARRAY_SUBSCRIPT_EXPR:
        base, index = operands(argument)
        return _is_plain(base) and (is_constant(index) or _is_plain(index))
    if argument.kind == CursorKind.UNARY_OPERATOR:
        return unary_operator(argument) in "&*" and _is_plain(operands(argument)[0])
    return False


def _constructs(call):
    return call.referenced is not None and call.referenced.kind == CursorKind.CONSTRUCTOR


def _has_value(declaration):
    initial = operands(declaration)
    if value_type(declaration.type).kind in ARRAYS:  # operands hold its size, too
        return any(e.kind in (*WRAPPERS, CursorKind.INIT_LIST_EXPR) for e in initial)
    return any(
        e.kind != CursorKind.CALL_EXPR or not _constructs(e) or list(e.get_arguments())
        for e in initial
    )
