"""Functions, loops and blocks of a kernel, nested, each with the pragmas that govern it."""

from dataclasses import dataclass, field

import clang.cindex as ci

from .source import SourceFile

Kind = ci.CursorKind
FUNCTIONS = (Kind.FUNCTION_DECL, Kind.FUNCTION_TEMPLATE, Kind.CXX_METHOD)
LOOPS = (Kind.FOR_STMT, Kind.WHILE_STMT, Kind.DO_STMT, Kind.CXX_FOR_RANGE_STMT)


@dataclass
class Scope:
    """The body of a function, of a loop, or a block on its own.

    Attributes
    ----------
    file : SourceFile
    kind : str
        "function", "loop" or "block".
    cursor : Cursor
        The function, the loop statement, or the compound statement itself.
    body : Cursor
        The compound statement; of a loop without braces, its only statement.
    parent : Scope or None
    label : str or None
        Of a loop.
    start : int
        Byte where the statement begins, its label included.
    """

    file: SourceFile
    kind: str
    cursor: ci.Cursor
    body: ci.Cursor
    parent: "Scope | None"
    label: "str | None"
    start: int
    pragmas: list = field(default_factory=list)
    children: list = field(default_factory=list)

    def pragma(self, kind):
        """The first pragma of this kind, or None."""
        return next((p for p in self.pragmas if p.kind == kind), None)

    def ancestors(self):
        """This scope and those around it, inside out."""
        scope = self
        while scope:
            yield scope
            scope = scope.parent

    def descendants(self):
        """All scopes inside this one."""
        for child in self.children:
            yield child
            yield from child.descendants()

    @property
    def function(self):
        """The scope of the function that this is in."""
        return next(s for s in self.ancestors() if s.kind == "function")

    @property
    def name(self):
        """Of the function that this is in."""
        return self.function.cursor.spelling

    @property
    def braced(self):
        """False for a loop whose body is a statement without braces."""
        return self.body.kind == Kind.COMPOUND_STMT

    @property
    def open(self):
        """Byte behind the opening brace."""
        return self.body.extent.start.offset + 1

    @property
    def close(self):
        """Byte of the closing brace."""
        return self.body.extent.end.offset - 1

    @property
    def pipelined(self):
        """True for a pipelined loop."""
        return self.kind == "loop" and self.pragma("PIPELINE") is not None

    @property
    def inside_pipeline(self):
        """True if a loop around this scope is pipelined."""
        return any(s.pipelined for s in self.ancestors() if s is not self)


def functions_of(unit, files):
    """Scopes of the functions that `unit` defines in `files`.

    Parameters
    ----------
    unit : TranslationUnit
    files : dict of str to SourceFile

    Returns
    -------
    list of Scope
    """
    found = []

    def visit(cursor, file):
        if cursor.kind in FUNCTIONS and cursor.is_definition():
            body = next((c for c in cursor.get_children() if c.kind == Kind.COMPOUND_STMT), None)
            if body is not None:
                found.append(_scope(file, "function", cursor, body, None, None, cursor))
            return
        for child in cursor.get_children():
            visit(child, file)

    for cursor in unit.cursor.get_children():
        place = cursor.location.file
        if place and place.name in files:
            visit(cursor, files[place.name])
    for scope in found:
        for pragma in scope.file.pragmas:
            if scope.open <= pragma.start < scope.close:
                _innermost(scope, pragma.start).pragmas.append(pragma)
    return found


def _scope(file, kind, cursor, body, parent, label, statement):
    scope = Scope(file, kind, cursor, body, parent, label, statement.extent.start.offset)

    def descend(at, name, outer):
        """Children of `at`; `name` and `outer` are those of a label right before it."""
        for child in at.get_children():
            if child.kind == Kind.LABEL_STMT:
                descend(child, child.spelling, child)
            elif child.kind in LOOPS:
                inner = list(child.get_children())[0 if child.kind == Kind.DO_STMT else -1]
                begin = child if outer is None else outer
                scope.children.append(_scope(file, "loop", child, inner, scope, name, begin))
            elif child.kind == Kind.COMPOUND_STMT:
                scope.children.append(_scope(file, "block", child, child, scope, None, child))
            elif child.kind != Kind.LAMBDA_EXPR:
                descend(child, None, None)

    descend(body, None, None)
    return scope


def _innermost(scope, offset):
    for child in scope.children:
        if child.open <= offset < child.close:
            return _innermost(child, offset)
    return scope
