"""Streams that a kernel declares: their names, depths and places."""

from dataclasses import dataclass

import clang.cindex as ci

Kind = ci.CursorKind
DEFAULT_DEPTH = "2"  # Vitis' own for a stream without STREAM depth


@dataclass(frozen=True)
class Declaration:
    """A statement of a function that declares streams.

    Attributes
    ----------
    scope : Scope
        In which it stands.
    start, end : int
        Bytes, the semicolon included.
    depths : dict of str to str
        Name of each stream to its depth as source text.
    static : bool
    array : frozenset of str
        Those that are arrays of streams.
    """

    scope: object
    start: int
    end: int
    depths: dict
    static: bool
    array: frozenset

    def declare(self):
        """Statements that give the streams name and depth at run time."""
        return "".join(f' hlssim::declare({n}, "{n}", {d});' for n, d in self.depths.items())


def is_stream(cursor):
    """True for a variable or parameter that is a stream, or an array of them."""
    spelling = cursor.type.spelling + " " + cursor.type.get_canonical().spelling
    return "stream<" in spelling and not spelling.startswith("const char")


def declarations(function):
    """The stream declarations of a function, and the STREAM pragmas that name other streams.

    Parameters
    ----------
    function : Scope

    Returns
    -------
    list of Declaration
    list of (Pragma, str)
        Pragmas and the name of a stream declared elsewhere.
    """
    pragmas, found = {}, []
    for scope in (function, *function.descendants()):
        for pragma in scope.pragmas:
            if pragma.kind == "STREAM" and "depth" in pragma.options:
                name = pragma.options.get("variable", "")
                pragmas.setdefault(name, []).append(pragma)
    statements = [c for c in function.cursor.walk_preorder() if c.kind == Kind.DECL_STMT]
    for statement in statements:
        variables = [v for v in statement.get_children() if v.kind == Kind.VAR_DECL]
        streams = [v for v in variables if is_stream(v) and "&" not in v.type.spelling]
        if not streams:
            continue
        start, end = statement.extent.start.offset, statement.extent.end.offset
        scope = _holder(function, start)
        depths = {v.spelling: _depth(pragmas, v.spelling, scope, start) for v in streams}
        arrays = frozenset(v.spelling for v in streams if v.type.spelling.endswith("]"))
        static = any(v.storage_class == ci.StorageClass.STATIC for v in streams)
        found.append(Declaration(scope, start, end, depths, static, arrays))
    return found, [(p, name) for name, group in pragmas.items() for p in group]


def _holder(function, offset):
    for child in function.children:
        if child.open <= offset < child.close:
            return _holder(child, offset)
    return function


def _depth(pragmas, name, scope, start):
    """Depth of the first pragma behind the declaration and in its scope; it is used up."""
    group = pragmas.get(name, [])
    for pragma in group:
        if pragma.start > start and scope.open <= pragma.start < scope.close:
            group.remove(pragma)
            return pragma.options["depth"]
    return DEFAULT_DEPTH


def instrument(function, hoisted):
    """Insert name and depth behind each declaration that stays where it is.

    Parameters
    ----------
    function : Scope
    hoisted : set of int
        Starts of the declarations that a dataflow region has moved.

    Returns
    -------
    dict of str to str
        Name of each stream to its depth as source text.
    """
    found, elsewhere = declarations(function)
    names = {}
    for declaration in found:
        names.update(declaration.depths)
        if declaration.start not in hoisted:
            function.file.insert(declaration.end, declaration.declare())
    for pragma, name in elsewhere:
        names[name] = pragma.options["depth"]
        call = f'hlssim::declare({name}, "{name}", {names[name]});'
        function.file.insert(pragma.end, f"\n{call}")
    return names
