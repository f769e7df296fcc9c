"""What the Python binding of libclang 18 lacks, through its C interface."""

from ctypes import POINTER, Structure, c_int, c_longlong, c_uint, c_void_p
from functools import cache

from clang.cindex import Cursor, CursorKind, SourceRange, TemplateArgumentKind, conf


class _RangeList(Structure):
    _fields_ = [("count", c_uint), ("ranges", POINTER(SourceRange))]


@cache
def _library():
    lib = conf.lib
    for name, result in (
        ("clang_getCursorBinaryOperatorKind", c_int),
        ("clang_getCursorUnaryOperatorKind", c_int),
        ("clang_Cursor_Evaluate", c_void_p),
    ):
        function = getattr(lib, name)
        function.argtypes, function.restype = [Cursor], result
    lib.clang_EvalResult_getKind.argtypes = [c_void_p]
    lib.clang_EvalResult_getAsLongLong.argtypes = [c_void_p]
    lib.clang_EvalResult_getAsLongLong.restype = c_longlong
    lib.clang_EvalResult_dispose.argtypes = [c_void_p]
    lib.clang_getAllSkippedRanges.restype = POINTER(_RangeList)
    lib.clang_disposeSourceRangeList.argtypes = [POINTER(_RangeList)]
    lib.clang_disposeSourceRangeList.restype = None
    return lib


def is_virtual_base(cursor):
    """Whether a CXX_BASE_SPECIFIER says virtual."""
    return bool(_library().clang_isVirtualBase(cursor))


# in the order of the enumerations of clang-c/Index.h
_BINARY = [
    *("?", ".*", "->*", "*", "/", "%", "+", "-", "<<", ">>", "<=>", "<", ">", "<=", ">=", "=="),
    *("!=", "&", "^", "|", "&&", "||"),
    *("=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|=", ","),
]
_UNARY = ["?", "post++", "post--", "++", "--", "&", "*", "+", "-", "~", "!"]


def binary_operator(cursor):
    """The operator of a BINARY_OPERATOR or COMPOUND_ASSIGNMENT_OPERATOR cursor, as spelled."""
    return _BINARY[_library().clang_getCursorBinaryOperatorKind(cursor)]


def unary_operator(cursor):
    """The operator of a UNARY_OPERATOR cursor; ``post++`` and ``post--`` stand behind."""
    kind = _library().clang_getCursorUnaryOperatorKind(cursor)
    return _UNARY[kind] if kind < len(_UNARY) else _UNARY[0]


def template_values(specialisation):
    """Integers that a specialisation has for its template parameters.

    Parameters
    ----------
    specialisation : clang.cindex.Cursor
        A function or class; one that is no specialisation has none.

    Returns
    -------
    dict
        Values by the names that the template gives its parameters.
    """
    template = _library().clang_getSpecializedCursorTemplate(specialisation)
    if template is None:
        return {}
    values = {}
    for number, parameter in enumerate(_template_parameters(template)):
        if specialisation.get_template_argument_kind(number) == TemplateArgumentKind.INTEGRAL:
            name = parameter.spelling
            values[name] = specialisation.get_template_argument_value(number)
    return values


def _template_parameters(template):
    kinds = (
        CursorKind.TEMPLATE_TYPE_PARAMETER,
        CursorKind.TEMPLATE_NON_TYPE_PARAMETER,
        CursorKind.TEMPLATE_TEMPLATE_PARAMETER,
    )
    return [child for child in template.get_children() if child.kind in kinds]


def evaluated(variable):
    """The integer that clang computes for a variable's initialiser, or None."""
    lib = _library()
    result = lib.clang_Cursor_Evaluate(variable)
    if not result:
        return None
    try:
        is_integer = lib.clang_EvalResult_getKind(result) == 1
        return lib.clang_EvalResult_getAsLongLong(result) if is_integer else None
    finally:
        lib.clang_EvalResult_dispose(result)


def skipped_ranges(unit):
    """Pieces that the preprocessor left out.

    Returns
    -------
    list of (str, int, int)
        File, first line, last line.
    """
    lib = _library()
    held = lib.clang_getAllSkippedRanges(unit)
    try:
        found = held.contents
        ranges = [found.ranges[i] for i in range(found.count)]
        return [(r.start.file.name, r.start.line, r.end.line) for r in ranges if r.start.file]
    finally:
        lib.clang_disposeSourceRangeList(held)
