"""Accesses of memory: every subscript of an m_axi pointer takes a beat of its port."""

import clang.cindex as ci

Kind = ci.CursorKind


def memory_parameters(functions, top):
    """The parameters that are memory: the top's m_axi ports, and what calls pass them on as.

    Parameters
    ----------
    functions : list of Scope
    top : str

    Returns
    -------
    dict of str to set of str
        Name of a function to names of its parameters.

    Raises
    ------
    InstrumentationError
        Memory is handed to a function that is not part of the kernel.
    """
    by_name = {}
    for function in functions:
        by_name.setdefault(function.name, []).append(function)
    found = {name: set() for name in by_name}
    for scope in by_name[top]:
        ports = (p.options for p in scope.pragmas if p.kind == "INTERFACE")
        found[top] |= {o["port"] for o in ports if _is_memory(o) and "port" in o}
    pending = [top]
    while pending:
        name = pending.pop()
        for function in by_name[name]:
            for call, position in _passed(function, found[name]):
                callee = _callee(call)
                if callee not in by_name:
                    _refuse(function.file, call, f"memory handed to {callee}")
                for target in by_name[callee]:
                    parameters = [c for c in _children(target.cursor, Kind.PARM_DECL)]
                    if position >= len(parameters):
                        continue
                    if parameters[position].spelling not in found[callee]:
                        found[callee].add(parameters[position].spelling)
                        pending.append(callee)
    return found


def _is_memory(options):
    return "m_axi" in options or options.get("mode") == "m_axi"


def _children(cursor, kind):
    return (c for c in cursor.get_children() if c.kind == kind)


def _callee(call):
    names = (c.spelling for c in call.walk_preorder() if c.kind == Kind.OVERLOADED_DECL_REF)
    return call.spelling or next(names, "")


def _passed(function, names):
    """Calls of a function and the positions at which they pass one of `names`."""
    for call in function.cursor.walk_preorder():
        if call.kind == Kind.CALL_EXPR:
            for position, argument in enumerate(call.get_arguments()):
                if _parameter(argument, names):
                    yield call, position


def _parameter(expression, names):
    """True if `expression` is a parameter with one of `names`, or that plus an offset."""
    if expression.kind == Kind.BINARY_OPERATOR:
        return any(_parameter(side, names) for side in expression.get_children())
    if expression.kind in (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR):
        children = list(expression.get_children())
        return len(children) == 1 and _parameter(children[0], names)
    target = expression.referenced if expression.kind == Kind.DECL_REF_EXPR else None
    return target is not None and target.kind == Kind.PARM_DECL and target.spelling in names


def accesses(cursor, names):
    """Subscripts of the memory parameters `names` below `cursor`, each with its constness.

    Parameters
    ----------
    cursor : Cursor
    names : set of str

    Yields
    ------
    (Cursor, bool)
        The subscript expression; True if the pointer is one to const, so that it reads.
    """
    for found in cursor.walk_preorder():
        if found.kind == Kind.ARRAY_SUBSCRIPT_EXPR:
            pointer = next(found.get_children())
            if _parameter(pointer, names):
                yield found, pointer.type.get_pointee().is_const_qualified()


def instrument(function, names):
    """Count the beats that a function reads and writes.

    Parameters
    ----------
    function : Scope
    names : set of str
        Its memory parameters.

    Raises
    ------
    InstrumentationError
        An access in another form than ``pointer[index]``.
    """
    file = function.file
    for cursor, reads in accesses(function.cursor, names):
        hook = "memory_read" if reads else "memory_write"
        file.insert(cursor.extent.start.offset, f"(hlssim::{hook}(), ")
        file.insert(cursor.extent.end.offset, ")", closing=True)
    for cursor in function.cursor.walk_preorder():
        starred = cursor.kind == Kind.UNARY_OPERATOR
        starred = starred and file.data[cursor.extent.start.offset] == ord("*")
        if starred and _parameter(next(cursor.get_children()), names):
            _refuse(file, cursor, "memory read through *")


def _refuse(file, cursor, problem):
    extent = cursor.extent
    text = file.text(extent.start.offset, extent.end.offset)
    raise file.error(
        extent.start.offset, text, f"{problem} is not modelled", "write a loop with pointer[index]"
    )
