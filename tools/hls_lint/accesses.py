"""What functions read and write of arguments and of static memory, through all their calls."""

from .access import outlives_calls
from .access_walk import Walk
from .cursors import children, key


class Accesses:
    """Access sets of functions, computed once each.

    Attributes
    ----------
    variables : dict
        Cursor of each variable met, by its key.
    """

    def __init__(self, calls):
        self._calls = calls
        self._known = {}
        self.variables = {}

    def of(self, function):
        """Accesses of a function to what outlives or surrounds it.

        Parameters
        ----------
        function : Function

        Returns
        -------
        frozenset of Access
        """
        identity = key(function.cursor)
        if identity not in self._known:
            self._known[identity] = frozenset()  # recursion is a finding of its own
            found = self.of_statements(function, children(function.cursor))
            self._known[identity] = frozenset(a for a in found if self._is_visible(a.root))
        return self._known[identity]

    def of_statements(self, function, statements):
        """Accesses of some statements of a function, its local variables included."""
        walk = Walk(self, self._calls, function)
        for statement in statements:
            walk.visit(statement)
        return walk.found

    def _is_visible(self, root):
        return root.kind != "variable" or outlives_calls(self.variables[root.identity])
