"""The head of a for loop: its parts, and whether it counts a constant number of times."""

from dataclasses import dataclass

from clang.cindex import CursorKind

from .constants import is_constant
from .cursors import children, names, operands, stripped
from .libclang import binary_operator, unary_operator

_COMPARISONS = {"<", "<=", ">", ">=", "!="}
_STEPS = {"+=", "-=", "*=", "/=", "<<=", ">>="}
_BY_ONE = ("++", "--", "post++", "post--")


@dataclass(frozen=True)
class Header:
    """The three parts of a for statement, None where absent."""

    initial: object
    condition: object
    step: object

    @property
    def counter(self):
        """The one variable that it declares, or None."""
        if self.initial is None or self.initial.kind != CursorKind.DECL_STMT:
            return None
        declared = children(self.initial)
        return declared[0] if len(declared) == 1 else None


def header_of(unit, loop):
    """Take the head of a for statement apart.

    Parameters
    ----------
    unit : Unit
    loop : clang.cindex.Cursor
        A FOR_STMT.

    Returns
    -------
    Header or None
        None where a macro wrote the head.
    """
    start = loop.extent.start
    text = unit.files[start.file.name]
    found = _semicolons(text, start.offset)
    if len(found) < 2:
        return None
    first, second = found
    parts = {"initial": None, "condition": None, "step": None}
    for child in children(loop)[:-1]:
        offset = child.extent.start.offset
        part = "initial" if offset < first else "condition" if offset < second else "step"
        parts[part] = child
    return Header(**parts)


def _semicolons(text, start):
    depth, found = 0, []
    for offset in range(text.index("(", start), len(text)):
        letter = text[offset]
        depth += (letter in "([{") - (letter in ")]}")
        if letter == ";" and depth == 1:
            found.append(offset)
            if len(found) == 2:
                break
    return found


def counts_constantly(loop, header, unrolled):
    """Whether a for loop has a trip count known before synthesis.

    Parameters
    ----------
    loop : clang.cindex.Cursor
    header : Header
    unrolled : frozenset
        Keys of the counters of the unrolled loops around it: they are constants.
    """
    counter = header.counter
    if counter is None or header.condition is None or header.step is None:
        return False
    first = operands(counter)
    return (
        bool(first)
        and is_constant(first[-1], unrolled)
        and _ends_constantly(header.condition, counter, unrolled)
        and _steps_constantly(header.step, counter, unrolled)
        and not _is_changed(children(loop)[-1], counter)
    )


def _ends_constantly(condition, counter, unrolled):
    condition = stripped(condition)
    if condition.kind != CursorKind.BINARY_OPERATOR:
        return False
    left, right = operands(condition)
    if binary_operator(condition) == "&&":
        return _ends_constantly(left, counter, unrolled) and (
            _ends_constantly(right, counter, unrolled)
        )
    if binary_operator(condition) not in _COMPARISONS:
        return False
    if names(left, counter):
        return is_constant(right, unrolled)
    return names(right, counter) and is_constant(left, unrolled)


def _steps_constantly(step, counter, unrolled):
    step = stripped(step)
    if step.kind == CursorKind.UNARY_OPERATOR:
        changes = unary_operator(step) in _BY_ONE
        return changes and names(operands(step)[0], counter)
    if step.kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR:
        target, amount = operands(step)
        steps = binary_operator(step) in _STEPS
        return steps and names(target, counter) and is_constant(amount, unrolled)
    return False


def _is_changed(body, variable):
    return any(
        _changes(cursor) and names(operands(cursor)[0], variable) for cursor in body.walk_preorder()
    )


def _changes(cursor):
    if cursor.kind == CursorKind.BINARY_OPERATOR:
        return binary_operator(cursor) == "="
    if cursor.kind == CursorKind.UNARY_OPERATOR:
        return unary_operator(cursor) in (*_BY_ONE, "&")
    return cursor.kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR
