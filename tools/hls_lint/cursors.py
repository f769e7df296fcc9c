"""Cursors and types of libclang, asked what the rules want to know."""

import re

from clang.cindex import CursorKind, TypeKind

FUNCTIONS = (
    CursorKind.FUNCTION_DECL,
    CursorKind.CXX_METHOD,
    CursorKind.CONSTRUCTOR,
    CursorKind.DESTRUCTOR,
    CursorKind.CONVERSION_FUNCTION,
)
PATTERNS = (*FUNCTIONS, CursorKind.FUNCTION_TEMPLATE)
LOOPS = (
    CursorKind.FOR_STMT,
    CursorKind.WHILE_STMT,
    CursorKind.DO_STMT,
    CursorKind.CXX_FOR_RANGE_STMT,
)
WRAPPERS = (
    CursorKind.UNEXPOSED_EXPR,
    CursorKind.PAREN_EXPR,
    CursorKind.CSTYLE_CAST_EXPR,
    CursorKind.CXX_STATIC_CAST_EXPR,
    CursorKind.CXX_FUNCTIONAL_CAST_EXPR,
    CursorKind.CXX_CONST_CAST_EXPR,
    CursorKind.CXX_REINTERPRET_CAST_EXPR,
)
REFERENCES = (TypeKind.LVALUEREFERENCE, TypeKind.RVALUEREFERENCE)
ARRAYS = (
    TypeKind.CONSTANTARRAY,
    TypeKind.INCOMPLETEARRAY,
    TypeKind.VARIABLEARRAY,
    TypeKind.DEPENDENTSIZEDARRAY,
)


def key(cursor):
    """A hashable identity of a declaration, different for each instantiation."""
    return (cursor.hash, cursor.get_usr(), cursor.location.offset)


def file_of(cursor):
    """The path of the file of a cursor, or an empty text."""
    return cursor.location.file.name if cursor.location.file else ""


def children(cursor):
    """The children of a cursor, as a list."""
    return list(cursor.get_children())


_NAMES = (CursorKind.TYPE_REF, CursorKind.TEMPLATE_REF, CursorKind.NAMESPACE_REF)


def operands(cursor):
    """The children of an expression that are expressions, not names of types."""
    return [child for child in cursor.get_children() if child.kind not in _NAMES]


def stripped(cursor):
    """An expression without casts, parentheses and implicit conversions around it."""
    while cursor.kind in WRAPPERS:
        inner = operands(cursor)
        if not inner:
            return cursor
        cursor = inner[-1]
    return cursor


def body_of(cursor):
    """The compound statement of a function or loop, or None."""
    last = None
    for child in cursor.get_children():
        if child.kind == CursorKind.COMPOUND_STMT:
            last = child
    return last


def span(cursor):
    """File and first offset of a statement: the same for a pattern and its instantiations."""
    return (file_of(cursor), cursor.extent.start.offset)


def definition_place(cursor):
    """File and offset of a name: the same for a pattern and its instantiations."""
    return (file_of(cursor), cursor.location.offset)


def is_implicit(function):
    """Whether the compiler wrote a member function, as it does operator= of a plain struct."""
    owner = function.semantic_parent
    if owner is None or owner.kind == CursorKind.NAMESPACE:
        return False
    return definition_place(owner) == definition_place(function)


def variable_of(expression):
    """The declaration that a plain name refers to, or None."""
    named = stripped(expression)
    return named.referenced if named.kind == CursorKind.DECL_REF_EXPR else None


def names(expression, variable):
    """Whether an expression is just the name of a variable."""
    declaration = variable_of(expression)
    return declaration is not None and declaration == variable


def value_type(kind):
    """A type without reference, canonical."""
    kind = kind.get_canonical()
    return kind.get_pointee().get_canonical() if kind.kind in REFERENCES else kind


def element_type(kind):
    """A type without reference and array dimensions, canonical."""
    kind = value_type(kind)
    while kind.kind in ARRAYS:
        kind = kind.element_type.get_canonical()
    return kind


def is_constant_data(kind):
    """Whether a variable of a type holds constants: const, or an array of const."""
    kind = value_type(kind)
    while kind.kind in ARRAYS and not kind.is_const_qualified():
        kind = kind.element_type.get_canonical()
    return kind.is_const_qualified()


def is_scalar(kind):
    """Whether a type is a number: no array, pointer or class."""
    return value_type(kind).kind not in (*ARRAYS, TypeKind.POINTER, TypeKind.RECORD)


_STREAM = re.compile(r"^(const )?hls::stream<")


def is_stream(kind):
    """Whether a type is hls::stream, a reference to one or an array of them."""
    return bool(_STREAM.match(element_type(kind).spelling))


def template_argument(kind, number):
    """Template argument `number` of a class type, as a canonical type."""
    return kind.get_template_argument_type(number).get_canonical()
