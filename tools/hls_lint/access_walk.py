"""Collect the accesses of one function body, expression by expression.

Streams are told apart by read() and write() in the callee; everything else by assignment.
"""

from clang.cindex import CursorKind, TypeKind

from .access import READ, WRITE, Access
from .cursors import ARRAYS, REFERENCES, is_stream, operands
from .libclang import binary_operator, unary_operator
from .places import ELEMENTS, PLACES, THROUGH, Places, is_alias, object_of

_READING, _WRITING = {"read", "operator>>"}, {"write", "operator<<"}
_CHANGES = {"++", "--", "post++", "post--"}


class Walk:
    """Collects the accesses of one function.

    Attributes
    ----------
    found : set of Access
    """

    def __init__(self, accesses, calls, function):
        self._accesses, self._calls = accesses, calls
        self._resolve = Places(accesses.variables, calls, function).resolve
        self.found = set()

    def visit(self, cursor):
        """Add the accesses of a statement or expression."""
        kind = cursor.kind
        if kind == CursorKind.CALL_EXPR:
            self._call(cursor)
        elif kind == CursorKind.BINARY_OPERATOR and binary_operator(cursor) == "=":
            target, source = operands(cursor)
            self._use(target, WRITE)
            self.visit(source)
        elif kind == CursorKind.COMPOUND_ASSIGNMENT_OPERATOR:
            target, source = operands(cursor)
            self._use(target, READ, WRITE)
            self.visit(source)
        elif kind == CursorKind.UNARY_OPERATOR and unary_operator(cursor) in _CHANGES:
            self._use(operands(cursor)[0], READ, WRITE)
        elif kind in PLACES:
            self._use(cursor, READ)
        elif kind == CursorKind.VAR_DECL and is_alias(cursor):
            for initial in operands(cursor):
                self._visit_indices(initial)
        else:
            for child in cursor.get_children():
                self.visit(child)

    def _use(self, expression, *modes):
        for root, path in self._resolve(expression):
            for mode in modes:
                self.found.add(Access(root, path, mode))
        self._visit_indices(expression)

    def _visit_indices(self, expression):
        """Indices within a place are read, whatever happens to the place."""
        inner = operands(expression)
        if expression.kind == CursorKind.ARRAY_SUBSCRIPT_EXPR:
            self.visit(inner[1])
            self._visit_indices(inner[0])
        elif expression.kind == CursorKind.CALL_EXPR:
            for argument in list(expression.get_arguments())[1:]:
                self.visit(argument)
        elif expression.kind == CursorKind.DECL_REF_EXPR:
            return
        elif expression.kind in PLACES or expression.kind in THROUGH:
            for child in inner:
                self._visit_indices(child)
        else:
            self.visit(expression)

    def _call(self, call):
        callee = call.referenced
        arguments = [argument for argument in call.get_arguments() if argument is not None]
        owner = callee.semantic_parent if callee is not None else None
        function = self._calls.function(callee) if callee is not None else None
        if owner is not None and is_stream(owner.type):
            self._stream_call(call, callee, arguments)
        elif function is not None:
            self._project_call(call, function, arguments)
        else:
            self._library_call(call, callee, arguments)

    def _stream_call(self, call, callee, arguments):
        if callee.kind == CursorKind.CONSTRUCTOR:
            return
        channel = object_of(call)
        values = arguments[1:] if callee.spelling.startswith("operator") else arguments
        mode = WRITE if callee.spelling in _WRITING else READ
        for root, path in self._resolve(channel):
            self.found.add(Access(root, path, mode, True))
        self._visit_indices(channel)
        for argument in values:
            if callee.spelling in _READING:
                self._use(argument, WRITE)
            else:
                self.visit(argument)

    def _project_call(self, call, function, arguments):
        is_operator = function.name.startswith("operator")
        is_method = function.cursor.kind in (CursorKind.CXX_METHOD, CursorKind.CONVERSION_FUNCTION)
        this = object_of(call) if is_method else None
        if is_method and is_operator:
            arguments = arguments[1:]
        by_name = set()
        for index, argument in enumerate(arguments):
            parameter = function.parameters[index] if index < len(function.parameters) else None
            if parameter is not None and _is_by_name(parameter.type):
                by_name.add(index)
                self._visit_indices(argument)
            else:
                self.visit(argument)
        for access in self._accesses.of(function):
            root = access.root
            if root.kind == "variable":
                self.found.add(access)
                continue
            source = this if root.kind == "this" else None
            if root.kind == "parameter" and root.identity in by_name:
                source = arguments[root.identity]
            for base, path in self._resolve(source) if source is not None else ():
                whole = (*path, *access.path)
                self.found.add(Access(base, whole, access.mode, access.is_stream))

    def _library_call(self, call, callee, arguments):
        name = callee.spelling if callee is not None else ""
        target = object_of(call)
        assigns = name.startswith("operator") and name.endswith("=")
        assigns &= name not in ("operator==", "operator!=", "operator<=", "operator>=")
        if target is not None:
            writes = assigns or name in ("operator++", "operator--")
            is_method = callee is not None and callee.kind == CursorKind.CXX_METHOD
            plain = name in ELEMENTS or name.startswith("operator")
            writes |= is_method and not plain and not callee.is_const_method()
            self._use(target, *((READ, WRITE) if writes else (READ,)))
        is_operator = target is not None and len(arguments) > 0 and target == arguments[0]
        for argument in arguments[1:] if is_operator else arguments:
            self.visit(argument)


def _is_by_name(kind):
    return kind.get_canonical().kind in (*REFERENCES, TypeKind.POINTER, *ARRAYS)
