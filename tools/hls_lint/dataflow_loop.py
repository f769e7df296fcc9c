"""Rules of a loop whose body is a dataflow region, as UG1399 has them from 2022.1 to 2025.2."""

from clang.cindex import CursorKind, TypeKind

from .constants import is_constant, value
from .cursors import children, is_scalar, names, operands, stripped, value_type, variable_of
from .libclang import binary_operator, unary_operator
from .loop_header import header_of


def check_loop(unit, region, findings):
    """Check the loop of a region.

    That it stands alone in its function is asked by later versions only, so it is a warning.

    Parameters
    ----------
    unit : Unit
    region : Region
    findings : Findings
    """
    loop = region.loop
    for message in _violations(unit, region):
        findings.add(loop, "dataflow-loop", message)
    for cursor in loop.walk_preorder():
        if cursor.kind in (CursorKind.BREAK_STMT, CursorKind.CONTINUE_STMT):
            findings.add(cursor, "dataflow-loop", "break or continue in a dataflow loop")
    if not _is_alone(region):
        message = "a dataflow loop stands alone in its function: hand streams in as arguments"
        findings.warn(loop, "dataflow-loop", message)


def _violations(unit, region):
    if region.loop.kind != CursorKind.FOR_STMT:
        yield "a dataflow loop is a for loop"
        return
    header = header_of(unit, region.loop)
    counter = header.counter if header else None
    if counter is None or value_type(counter.type).kind != TypeKind.INT:
        yield "the head declares no int counter"
        return
    if value(operands(counter)[-1]) != 0:
        yield "the counter does not start at 0"
    if not _counts_up_by_one(header.step, counter):
        yield "the counter does not go up by 1"
    if not _has_simple_end(region.function, header.condition, counter):
        yield "the end is not '< constant' or '< argument'"


def _counts_up_by_one(step, counter):
    if step is None or step.kind != CursorKind.UNARY_OPERATOR:
        return False
    return unary_operator(step) in ("++", "post++") and names(operands(step)[0], counter)


def _has_simple_end(function, condition, counter):
    condition = stripped(condition) if condition is not None else None
    if condition is None or condition.kind != CursorKind.BINARY_OPERATOR:
        return False
    left, right = operands(condition)
    if binary_operator(condition) != "<" or not names(left, counter):
        return False
    bound = variable_of(right)
    is_argument = bound is not None and function.parameter_index(bound) is not None
    return is_constant(right) or (is_argument and is_scalar(bound.type))


def _is_alone(region):
    statements = children(region.function.body)
    if len(statements) != 1:
        return False
    only = statements[0]
    if only.kind == CursorKind.LABEL_STMT:
        only = children(only)[-1]
    return only == region.loop
