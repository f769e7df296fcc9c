"""Rules of the language subset: what a kernel may not contain."""

from clang.cindex import CursorKind, TypeKind

from .cursors import (
    FUNCTIONS,
    children,
    element_type,
    file_of,
    is_implicit,
    is_stream,
    key,
)
from .libclang import is_virtual_base

_STATEMENTS = {
    CursorKind.CXX_NEW_EXPR: ("heap", "operator new"),
    CursorKind.CXX_DELETE_EXPR: ("heap", "operator delete"),
    CursorKind.GOTO_STMT: ("goto", "goto"),
    CursorKind.INDIRECT_GOTO_STMT: ("goto", "goto"),
    CursorKind.ASM_STMT: ("goto", "assembly"),
    CursorKind.CXX_TRY_STMT: ("exception", "try"),
    CursorKind.CXX_THROW_EXPR: ("exception", "throw"),
    CursorKind.CXX_DYNAMIC_CAST_EXPR: ("rtti", "dynamic_cast"),
    CursorKind.CXX_TYPEID_EXPR: ("rtti", "typeid"),
    CursorKind.FLOATING_LITERAL: ("float", "a floating-point literal"),
}
_FLOATS = (
    TypeKind.FLOAT,
    TypeKind.DOUBLE,
    TypeKind.LONGDOUBLE,
    TypeKind.HALF,
    TypeKind.FLOAT128,
)
_FUNCTION_TYPES = (TypeKind.FUNCTIONPROTO, TypeKind.FUNCTIONNOPROTO)
_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL, CursorKind.FIELD_DECL)
_HEAP = {"malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "alloca"}
_LIBRARY = {"memcpy", "__builtin_memcpy", "__assert_fail"}
_STD_ALLOWED = ("std::integral_constant", "std::integer_sequence", "std::initializer_list")
_BLOCKING = {"read", "write", "operator>>", "operator<<", "stream", "~stream"}


def check_language(unit, calls, findings):
    """Walk every reached body, and the project's classes and variables.

    Parameters
    ----------
    unit : Unit
    calls : Calls
    findings : Findings
    """
    for function in calls.functions.values():
        for cursor in function.cursor.walk_preorder():
            _check_cursor(unit, cursor, findings)
    for cursor in unit.declarations:
        if cursor.kind == CursorKind.CXX_METHOD and cursor.is_virtual_method():
            findings.add(cursor, "virtual", f"{cursor.spelling} is virtual")
        if cursor.kind in (CursorKind.VAR_DECL, CursorKind.FIELD_DECL):
            _check_variable(cursor, findings)
        if cursor.kind == CursorKind.CXX_BASE_SPECIFIER and is_virtual_base(cursor):
            findings.add(cursor, "virtual", "a virtual base")
    _check_recursion(calls, findings)


def _check_cursor(unit, cursor, findings):
    if cursor.kind in _STATEMENTS:
        rule, what = _STATEMENTS[cursor.kind]
        findings.add(cursor, rule, what)
    elif cursor.kind in _VARIABLES:
        _check_variable(cursor, findings)
    elif cursor.kind == CursorKind.CALL_EXPR:
        _check_call(unit, cursor, findings)
    elif cursor.kind in (CursorKind.BINARY_OPERATOR, CursorKind.UNEXPOSED_EXPR) and _is_float(
        cursor.type
    ):
        findings.add(cursor, "float", "a floating-point value")


def _is_float(kind):
    return element_type(kind).kind in _FLOATS


def _check_variable(variable, findings):
    name, kind = variable.spelling or "a parameter", element_type(variable.type)
    if variable.type.get_canonical().kind == TypeKind.VARIABLEARRAY:
        findings.add(variable, "vla", f"{name} has a size that is not constant")
    if kind.kind in _FLOATS:
        findings.add(variable, "float", f"{name} is {kind.spelling}")
    if _is_function_pointer(kind):
        findings.add(variable, "function-pointer", f"{name} is {kind.spelling}")
    pointed = element_type(kind.get_pointee()) if kind.kind == TypeKind.POINTER else kind
    if pointed.is_volatile_qualified():
        findings.add(variable, "volatile", f"{name} is volatile")
    spelled = pointed.spelling.removeprefix("const ")
    if spelled.startswith("std::") and not spelled.startswith(_STD_ALLOWED):
        findings.add(variable, "std", f"{name} is {spelled}")


def _is_function_pointer(kind):
    if kind.kind == TypeKind.MEMBERPOINTER or kind.kind in _FUNCTION_TYPES:
        return True
    return kind.kind == TypeKind.POINTER and kind.get_pointee().get_canonical().kind in (
        _FUNCTION_TYPES
    )


def _check_call(unit, call, findings):
    callee = call.referenced
    if callee is None or callee.kind not in FUNCTIONS:
        if children(call) and callee is not None:
            findings.add(call, "function-pointer", f"a call through {callee.spelling}")
        return
    name, owner = callee.spelling, callee.semantic_parent
    if callee.kind == CursorKind.CXX_METHOD and callee.is_virtual_method():
        findings.add(call, "virtual", f"a call of the virtual {name}")
    if owner is not None and owner.kind != CursorKind.NAMESPACE and is_stream(owner.type):
        if name not in _BLOCKING:
            findings.add(call, "stream-order", f"{name}() depends on timing")
        return
    if unit.in_project(callee):
        if callee.get_definition() is None and not is_implicit(callee):
            findings.add(call, "call", f"{name} has no body here")
        return
    _check_library_call(unit, call, callee, name, findings)


def _check_library_call(unit, call, callee, name, findings):
    if name in _HEAP:
        findings.add(call, "heap", name)
    elif _in_std(callee):
        owner = callee.semantic_parent
        if owner.spelling not in ("numeric_limits", "initializer_list", "integral_constant"):
            findings.add(call, "std", f"std::{name}")
    elif not unit.is_synthesisable_library(file_of(callee)) and name not in _LIBRARY:
        findings.add(call, "call", f"{name} is not synthesisable")


def _in_std(cursor):
    scope = cursor.semantic_parent
    while scope is not None and scope.kind != CursorKind.TRANSLATION_UNIT:
        if scope.kind == CursorKind.NAMESPACE and scope.spelling == "std":
            return True
        scope = scope.semantic_parent
    return False


def _check_recursion(calls, findings):
    for function in calls.functions.values():
        seen, waiting = set(), [callee for _, callee in function.calls]
        while waiting:
            callee = waiting.pop()
            identity = key(callee.cursor)
            if identity not in seen:
                seen.add(identity)
                waiting.extend(inner for _, inner in callee.calls)
        if key(function.cursor) in seen:
            findings.add(function.cursor, "recursion", f"{function.name} calls itself")
