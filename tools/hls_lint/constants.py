"""Which expressions are constants for synthesis: literals, constexpr names, unrolled counters."""

import operator

from clang.cindex import CursorKind, StorageClass

from .cursors import (
    WRAPPERS,
    children,
    key,
    operands,
    stripped,
)
from .libclang import binary_operator, evaluated, unary_operator

_LITERALS = (
    CursorKind.INTEGER_LITERAL,
    CursorKind.CHARACTER_LITERAL,
    CursorKind.CXX_BOOL_LITERAL_EXPR,
    CursorKind.CXX_NULL_PTR_LITERAL_EXPR,
    CursorKind.CXX_UNARY_EXPR,  # sizeof, alignof
    CursorKind.FLOATING_LITERAL,
    CursorKind.STRING_LITERAL,
)
_CHANGING = {"post++", "post--", "++", "--"}
_COMPOSED = (
    *WRAPPERS,
    CursorKind.INIT_LIST_EXPR,
    CursorKind.CONDITIONAL_OPERATOR,
    CursorKind.ARRAY_SUBSCRIPT_EXPR,
)


def is_constant(expression, unrolled=frozenset()):
    """Whether an expression has one value known before synthesis.

    Parameters
    ----------
    expression : clang.cindex.Cursor
        Of instantiated code.
    unrolled : set
        Keys of counters of loops that are unrolled whole around it.
    """
    kind = expression.kind
    if kind in _LITERALS:
        return True
    inner = operands(expression)
    if kind == CursorKind.DECL_REF_EXPR and expression.referenced is None and inner:
        return all(is_constant(e, unrolled) for e in inner)  # a template parameter, substituted
    if kind in (CursorKind.DECL_REF_EXPR, CursorKind.MEMBER_REF_EXPR):
        return _is_constant_name(expression.referenced, unrolled)
    if kind == CursorKind.UNARY_OPERATOR:
        return unary_operator(expression) not in _CHANGING and is_constant(inner[0], unrolled)
    if kind == CursorKind.BINARY_OPERATOR:
        assigns = binary_operator(expression) == "="
        return not assigns and all(is_constant(side, unrolled) for side in inner)
    if kind == CursorKind.CALL_EXPR:
        arguments = list(expression.get_arguments())
        return _is_pure(expression.referenced) and all(
            argument is not None and is_constant(argument, unrolled) for argument in arguments
        )
    return kind in _COMPOSED and bool(inner) and all(is_constant(e, unrolled) for e in inner)


def _is_constant_name(declaration, unrolled):
    if declaration is None:
        return False
    if declaration.kind in (
        CursorKind.ENUM_CONSTANT_DECL,
        CursorKind.TEMPLATE_NON_TYPE_PARAMETER,
    ):
        return True
    if declaration.kind != CursorKind.VAR_DECL:
        return False
    if key(declaration) in unrolled:
        return True
    if not declaration.type.get_canonical().is_const_qualified():
        return False
    if declaration.storage_class == StorageClass.STATIC or evaluated(declaration) is not None:
        return True
    initial = children(declaration)
    return bool(initial) and is_constant(initial[-1], unrolled)


def _is_pure(function):
    """A constexpr function, or a conversion to an integer class."""
    if function is None:
        return False
    if function.kind in (CursorKind.CONSTRUCTOR, CursorKind.CONVERSION_FUNCTION):
        return True
    for token in function.get_tokens():
        if token.spelling == "constexpr":
            return True
        if token.spelling == "{":
            break
    return False


_FOLDED = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<<": operator.lshift,
    ">>": operator.rshift,
}


def value(expression, parameters=None):
    """The integer of a constant expression where it is plain to see, else None.

    Parameters
    ----------
    expression : clang.cindex.Cursor
    parameters : dict, optional
        Values of the template parameters around it, by name.
    """
    named = stripped(expression)
    if named.kind == CursorKind.INTEGER_LITERAL:
        return _integer(_spelling(named))
    if named.kind in (CursorKind.DECL_REF_EXPR, CursorKind.MEMBER_REF_EXPR):
        return _value_of_name(named, parameters or {})
    if named.kind == CursorKind.BINARY_OPERATOR and binary_operator(named) in _FOLDED:
        left, right = (value(side, parameters) for side in operands(named))
        if left is not None and right is not None:
            return _FOLDED[binary_operator(named)](left, right)
    return None


def _value_of_name(named, parameters):
    declaration = named.referenced
    if declaration is None:  # a template parameter: its literal is at the name
        return parameters.get(_spelling(named))
    if declaration.kind == CursorKind.ENUM_CONSTANT_DECL:
        return declaration.enum_value
    if declaration.kind == CursorKind.VAR_DECL and declaration.type.is_const_qualified():
        return evaluated(declaration)
    return None


def _spelling(cursor):
    return next((token.spelling for token in cursor.get_tokens()), "")


def _integer(text):
    digits = text.rstrip("uUlL").replace("'", "")
    try:
        return int(digits, 0)
    except ValueError:
        return None
