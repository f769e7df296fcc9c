"""The blocks of the sources as written: what is declared in them, which pragmas they hold."""

from dataclasses import dataclass, field

from clang.cindex import CursorKind

from .cursors import LOOPS, PATTERNS, children, file_of, span


@dataclass
class Block:
    """A compound statement.

    Attributes
    ----------
    file : str
    start, end : int
        Offsets of its braces.
    owner : clang.cindex.Cursor
        The statement or function whose body it is, or what it stands in.
    function : clang.cindex.Cursor
        The function around it.
    parent : Block or None
    statements : list of clang.cindex.Cursor
    pragmas : list
        Of :class:`~.pragmas.Pragma`, that stand directly in it.
    """

    file: str
    start: int
    end: int
    owner: object
    function: object
    parent: object
    statements: list
    pragmas: list = field(default_factory=list)

    @property
    def is_loop_body(self):
        """Whether it is the body of a loop."""
        return self.owner.kind in LOOPS

    @property
    def is_function_body(self):
        """Whether it is the body of a function."""
        return self.owner.kind in PATTERNS

    def declared(self):
        """Variables declared directly in it, or in the header of its owner.

        Returns
        -------
        dict
            Cursor of each variable by its name.
        """
        found = {}
        header = children(self.owner) if self.is_loop_body or self.is_function_body else []
        for statement in [*header, *self.statements]:
            inside = children(statement) if statement.kind == CursorKind.DECL_STMT else [statement]
            for variable in inside:
                if variable.kind in (CursorKind.VAR_DECL, CursorKind.PARM_DECL):
                    found[variable.spelling] = variable
        return found


class Blocks:
    """All blocks of a unit, with the pragmas put into them.

    Attributes
    ----------
    by_span : dict
        Block by file and first offset: what an instantiated body is looked up with.
    homeless : list of Pragma
        Pragmas outside of functions.
    """

    def __init__(self, unit, pragmas):
        self.by_span = {}
        self.functions = []
        for cursor in unit.declarations:
            if cursor.kind in PATTERNS and cursor.is_definition():
                self.functions.append(cursor)
                self._collect(cursor, cursor, None)
        self.homeless = []
        for pragma in pragmas:
            home = self._innermost(pragma)
            (home.pragmas if home else self.homeless).append(pragma)

    def _collect(self, cursor, function, parent):
        for child in cursor.get_children():
            inner = parent
            if child.kind == CursorKind.COMPOUND_STMT:
                extent = child.extent
                inner = Block(
                    file_of(child),
                    extent.start.offset,
                    extent.end.offset,
                    cursor,
                    function,
                    parent,
                    children(child),
                )
                self.by_span[(inner.file, inner.start)] = inner
            self._collect(child, function, inner)

    def _innermost(self, pragma):
        around = [
            block
            for block in self.by_span.values()
            if block.file == pragma.file and block.start < pragma.offset < block.end
        ]
        return max(around, key=lambda block: block.start, default=None)

    def pragmas_of(self, body, name=None):
        """Pragmas directly in an (instantiated) body, of one name or of all.

        Parameters
        ----------
        body : clang.cindex.Cursor or None
            A compound statement.
        name : str, optional
        """
        block = self.by_span.get(span(body)) if body is not None else None
        if block is None:
            return []
        return [pragma for pragma in block.pragmas if name in (None, pragma.name)]
