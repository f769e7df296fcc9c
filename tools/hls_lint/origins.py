"""Where the arguments of inner functions come from: the declaration behind a chain of calls."""

from .cursors import key
from .places import Places


class Origins:
    """Follows parameters to the variables, or arguments of the top, that callers pass.

    Parameters
    ----------
    calls : Calls
    accesses : Accesses
    """

    def __init__(self, calls, accesses):
        self._calls, self._accesses = calls, accesses
        self._callers = {}
        for caller in calls.functions.values():
            for call, callee in caller.calls:
                self._callers.setdefault(key(callee.cursor), []).append((caller, call))

    def of(self, function, root, path=()):
        """Declarations behind a root.

        Parameters
        ----------
        function : Function
            The one in which `root` has a meaning.
        root : Root
        path : tuple of str
            Members and indices from the root.

        Returns
        -------
        list of (Function, clang.cindex.Cursor, tuple of str)
            The function that declares it, the declaration, the path from there.
        """
        return self._of(function, root, path, frozenset())

    def _of(self, function, root, path, seen):
        if root.kind == "variable":
            return [(function, self._accesses.variables[root.identity], path)]
        if root.kind != "parameter":
            return []
        here = (key(function.cursor), root, path)
        if here in seen:
            return []
        if function is self._calls.top:
            return [(function, function.parameters[root.identity], path)]
        found = []
        for caller, call in self._callers.get(key(function.cursor), ()):
            arguments = list(call.get_arguments())
            if root.identity >= len(arguments):
                continue
            resolve = Places(self._accesses.variables, self._calls, caller).resolve
            for base, start in resolve(arguments[root.identity]):
                found += self._of(caller, base, (*start, *path), seen | {here})
        return found
