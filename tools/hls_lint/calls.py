"""The functions that a top reaches, as instantiated code.

libclang does not list instantiations, but the ``referenced`` cursor of a call is the specialisation
itself, and its children are the instantiated body: names there are resolved and constants known.
So the walk starts at the top and follows calls; nothing is guessed from template patterns.
"""

from dataclasses import dataclass, field
from functools import cached_property

from clang.cindex import CursorKind

from .cursors import FUNCTIONS, body_of, children, definition_place, is_implicit, key
from .libclang import template_values


@dataclass
class Function:
    """An instantiated function of the project.

    Attributes
    ----------
    cursor : clang.cindex.Cursor
    body : clang.cindex.Cursor
    parameters : list of clang.cindex.Cursor
    calls : list of (clang.cindex.Cursor, Function)
        Calls of other functions of the project.
    """

    cursor: object
    body: object
    parameters: list
    calls: list = field(default_factory=list)

    @property
    def name(self):
        """Its name as written."""
        return self.cursor.spelling

    @cached_property
    def template_values(self):
        """Integers of the template parameters of the function and of its class, by name."""
        owner = self.cursor.semantic_parent
        return {**template_values(owner), **template_values(self.cursor)}

    def parameter_index(self, declaration):
        """Which parameter a declaration is, or None."""
        if declaration.kind != CursorKind.PARM_DECL:
            return None
        for index, parameter in enumerate(self.parameters):
            if parameter == declaration:
                return index
        return None


class Calls:
    """The call graph of a top.

    Attributes
    ----------
    functions : dict
        :class:`Function` by :func:`~.cursors.key`, the top first.
    top : Function or None
    """

    def __init__(self, unit, top):
        self._unit = unit
        self.functions = {}
        self.top = self._reach(top) if top is not None else None

    def function(self, cursor):
        """The reached function that a callee cursor means, or None for a library function."""
        definition = self._definition(cursor)
        return self.functions.get(key(definition)) if definition is not None else None

    def _definition(self, cursor):
        if cursor is None or cursor.kind not in FUNCTIONS:
            return None
        definition = cursor.get_definition() or cursor
        if is_implicit(definition):
            return None
        return definition if self._unit.in_project(definition) else None

    def _reach(self, top):
        first = self._enter(top)
        waiting = [first]
        while waiting:
            function = waiting.pop()
            for call in function.cursor.walk_preorder():
                if call.kind != CursorKind.CALL_EXPR:
                    continue
                definition = self._definition(call.referenced)
                if definition is None or body_of(definition) is None:
                    continue
                known = self.functions.get(key(definition))
                if known is None:
                    known = self._enter(definition)
                    waiting.append(known)
                function.calls.append((call, known))
        return first

    def _enter(self, cursor):
        parameters = [child for child in children(cursor) if child.kind == CursorKind.PARM_DECL]
        function = Function(cursor, body_of(cursor), parameters)
        self.functions[key(cursor)] = function
        return function

    def reached_places(self):
        """Places of the definitions that were reached, instantiations at their pattern's place."""
        return {definition_place(function.cursor) for function in self.functions.values()}


def find_tops(unit, name):
    """Definitions of functions of a name in the project.

    Returns
    -------
    list of clang.cindex.Cursor
    """
    return [
        cursor
        for cursor in unit.declarations
        if cursor.kind == CursorKind.FUNCTION_DECL
        and cursor.spelling == name
        and cursor.is_definition()
    ]
