"""Finds waits without an end in Python sources."""

import ast
import re

# calls that wait for ever unless they are told how long
_FOREVER = {"acquire", "wait", "join", "result", "get", "communicate", "check_output", "run"}
_BOUNDED = {"timeout", "blocking"}
_DEADLINES = {"until", "deadline", "end", "ends", "seconds", "timeout", "remaining", "limit"}
_SUBPROCESS = {"run", "check_output", "check_call", "call", "communicate"}


def unbounded(source):
    """Lines that may wait for ever.

    Parameters
    ----------
    source : str
        Of a module.

    Returns
    -------
    list of (int, str)
        Line, what is wrong.
    """
    tree = ast.parse(source)
    awaited = {id(n.args[0]) for n in ast.walk(tree) if _calls(n, "wait_for") and n.args}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.While) and not _ends(node):
            found.append((node.lineno, "a loop that waits without a deadline"))
        elif _calls(node, "wait_for") and len(node.args) < 2 and not _keywords(node) & _BOUNDED:
            found.append((node.lineno, "wait_for without a timeout"))
        elif isinstance(node, ast.Call) and id(node) not in awaited and _waits(node):
            found.append((node.lineno, f"{ast.unparse(node.func)}() without a timeout"))
        elif _calls(node, "flock") and not re.search("LOCK_NB|LOCK_UN", ast.unparse(node)):
            found.append((node.lineno, "flock without LOCK_NB"))
    return found


def _calls(node, name):
    return isinstance(node, ast.Call) and _name(node.func) == name


def _name(function):
    return getattr(function, "attr", None) or getattr(function, "id", None)


def _keywords(call):
    return {keyword.arg for keyword in call.keywords}


def _waits(call):
    name = _name(call.func)
    if not isinstance(call.func, ast.Attribute) or name not in _FOREVER | _SUBPROCESS:
        return False
    owner = ast.unparse(call.func.value)
    if owner == "subprocess" or name == "communicate":
        return "timeout" not in _keywords(call)
    if name in ("run", "call"):  # of anything else than subprocess
        return False
    # dict.get, str.join and the like have arguments; a wait that has one has its end in it
    return not call.args and not _keywords(call) & _BOUNDED


def _ends(loop):
    """A loop that calls nothing is arithmetic; any other must look at a deadline."""
    if not any(isinstance(node, ast.Call) for node in ast.walk(loop)):
        return True
    looked_at = [loop.test]
    for node in ast.walk(loop):
        if isinstance(node, ast.If) and any(
            isinstance(inner, (ast.Return, ast.Raise, ast.Break))
            for statement in node.body
            for inner in ast.walk(statement)
        ):
            looked_at.append(node.test)
    names = {
        _identifier(node)
        for test in looked_at
        for node in ast.walk(test)
        if isinstance(node, (ast.Name, ast.Attribute))
    }
    return bool(names & _DEADLINES)


def _identifier(node):
    return (node.id if isinstance(node, ast.Name) else node.attr).strip("_")
