"""Which variables an expression stands for: names, members, elements, references to them."""

from clang.cindex import CursorKind, TypeKind

from .access import ANY, Root
from .constants import value
from .cursors import ARRAYS, REFERENCES, WRAPPERS, key, operands

PLACES = (
    CursorKind.DECL_REF_EXPR,
    CursorKind.MEMBER_REF_EXPR,
    CursorKind.ARRAY_SUBSCRIPT_EXPR,
)
THROUGH = (*WRAPPERS, CursorKind.UNARY_OPERATOR)
ELEMENTS = {"operator[]", "operator()", "range", "bit", "get_bit", "data", "begin"}


class Places:
    """Resolves the expressions of one function.

    Parameters
    ----------
    variables : dict
        Takes the cursor of each variable met, by its key.
    calls : Calls
    function : Function
    """

    def __init__(self, variables, calls, function):
        self._variables, self._calls, self._function = variables, calls, function

    def resolve(self, expression):
        """The variables, with paths, that an expression may stand for.

        Parameters
        ----------
        expression : clang.cindex.Cursor

        Returns
        -------
        list of (Root, tuple of str)
        """
        kind, inner = expression.kind, operands(expression)
        if kind == CursorKind.DECL_REF_EXPR:
            return self._resolve_name(expression.referenced)
        if kind == CursorKind.MEMBER_REF_EXPR:
            member = expression.referenced
            if member is not None and member.kind == CursorKind.VAR_DECL:
                return self._resolve_name(member)
            bases = self.resolve(inner[0]) if inner else [(Root("this"), ())]
            return [(root, (*path, f".{expression.spelling}")) for root, path in bases]
        if kind == CursorKind.ARRAY_SUBSCRIPT_EXPR:
            index = value(inner[1], self._function.template_values)
            step = ANY if index is None else f"[{index}]"
            return [(root, (*path, step)) for root, path in self.resolve(inner[0])]
        if kind == CursorKind.CXX_THIS_EXPR:
            return [(Root("this"), ())]
        if kind == CursorKind.CONDITIONAL_OPERATOR:
            return self.resolve(inner[1]) + self.resolve(inner[2])
        if kind == CursorKind.BINARY_OPERATOR and inner:
            return [place for side in inner for place in self.resolve(side) if _is_pointer(side)]
        if kind == CursorKind.CALL_EXPR:
            return self._resolve_call(expression)
        if kind in THROUGH and inner:
            return self.resolve(inner[-1])
        return []

    def _resolve_name(self, declaration):
        if declaration is None:
            return []
        index = self._function.parameter_index(declaration)
        if index is not None:
            return [(Root("parameter", index), ())]
        if declaration.kind != CursorKind.VAR_DECL:
            return []
        if is_alias(declaration):
            return self.resolve(operands(declaration)[-1])
        identity = key(declaration)
        self._variables[identity] = declaration
        return [(Root("variable", identity), ())]

    def _resolve_call(self, call):
        """Elements of library containers, and the object in conversions of it."""
        if self._calls.function(call.referenced) is not None:
            return []
        if call.spelling in ELEMENTS or call.spelling.startswith("operator"):
            return self.resolve(object_of(call)) if object_of(call) is not None else []
        return []


def object_of(call):
    """The object of a method or operator call, or None."""
    first = next(iter(call.get_children()), None)
    if first is not None and first.kind == CursorKind.MEMBER_REF_EXPR:
        inner = operands(first)
        return inner[0] if inner else None
    if call.spelling.startswith("operator"):
        return next(iter(call.get_arguments()), None)
    return None


def is_alias(variable):
    """Whether a variable is a reference or pointer to what its initialiser names."""
    kind = variable.type.get_canonical().kind
    return kind in (*REFERENCES, TypeKind.POINTER) and bool(operands(variable))


def _is_pointer(expression):
    return expression.type.get_canonical().kind in (TypeKind.POINTER, *ARRAYS)
