"""Loops that take time: pipelined ones get a clock, those around them a cycle an iteration."""

import clang.cindex as ci

from .scopes import LOOPS

Kind = ci.CursorKind
CALLS = (Kind.CALL_EXPR, Kind.OVERLOADED_DECL_REF)  # the latter in templates
STYLES = {"": "kDefault", "stp": "kStalling", "flp": "kFlushing", "frp": "kFlushing"}


def callees(cursor):
    """Names of what the calls below `cursor` call."""
    for call in cursor.walk_preorder():
        if call.kind in CALLS and call.spelling:
            yield call.spelling


def loop_key(loop):
    """``function.label`` of a pipelined loop.

    Raises
    ------
    InstrumentationError
        No label.
    """
    if loop.label is None:
        raise loop.file.error(
            loop.start, loop.name, "a pipelined loop has no label", "write  label: for (...)"
        )
    return f"{loop.name}.{loop.label}"


def check_pragmas(function):
    """Refuse what the model has no times for.

    Parameters
    ----------
    function : Scope

    Raises
    ------
    InstrumentationError
    """
    for scope in (function, *function.descendants()):
        for pragma in scope.pragmas:
            error = _refusal(scope, pragma)
            if error:
                raise scope.file.error(pragma.start, pragma.kind, *error)


def _refusal(scope, pragma):
    if pragma.kind == "PIPELINE":
        if scope.kind != "loop":
            return "PIPELINE outside of a loop is not modelled", "make it the first line of a loop"
        if scope.inside_pipeline:
            return "a pipelined loop inside a pipelined loop", "leave one PIPELINE"
        if pragma.options.get("style", "") not in STYLES:
            return f"style {pragma.options['style']} is unknown", "write stp, flp or frp"
        unknown = set(pragma.options) - {"ii", "style"}
        if unknown:
            return f"PIPELINE {sorted(unknown)[0]} is not modelled", "use II and style only"
    if pragma.kind == "DATAFLOW" and (scope.kind == "block" or pragma.options):
        return "this form is not modelled", "write a bare DATAFLOW in a function or a loop"
    if pragma.kind == "LOOP_FLATTEN" and "off" not in pragma.options:
        return "flattened loops are not modelled", "write one merged loop"
    return None


def instrument_pipelined(loop, depth, memory):
    """Give a pipelined loop its clock.

    Parameters
    ----------
    loop : Scope
    depth : int
        Cycles from an iteration's start to its results.
    memory : bool
        The loop accesses memory: Vitis then makes a stalling pipeline of it (HLS 200-1972).

    Returns
    -------
    dict
        key, ii (source text), depth and style, for the manifest.

    Raises
    ------
    InstrumentationError
        A flushing pipeline that accesses memory.
    """
    pragma = loop.pragma("PIPELINE")
    key, ii = loop_key(loop), pragma.options.get("ii", "1")
    style = pragma.options.get("style", "")
    if memory and STYLES[style] == "kFlushing":
        problem = "Vitis disables this style in a loop that accesses m_axi"
        raise loop.file.error(pragma.start, f"style={style}", problem, "drop the style there")
    style = "stp" if memory else style
    site = f'"{key}", {ii}, {depth}, hlssim::Site::{STYLES[style]}'
    statement = loop.cursor.extent
    loop.file.insert(
        statement.start.offset,
        f"{{ static hlssim::Site hlssim_site({site}); hlssim::Loop hlssim_loop(hlssim_site); ",
    )
    loop.file.insert(loop.open, " hlssim_loop.iteration();")
    loop.file.insert(statement.end.offset, " }", closing=True)
    return {"key": key, "ii": ii, "depth": depth, "style": style}


def timed_functions(functions, top):
    """Names of the functions that run outside of pipelined loops, and of those that hold loops.

    Parameters
    ----------
    functions : list of Scope
    top : str

    Returns
    -------
    set of str
        Reached from `top` without passing through a pipelined loop.
    set of str
        Holding a pipelined loop or a dataflow region, directly or in what they call.
    """
    known = {f.name for f in functions}
    calls = {name: set() for name in known}
    structural = set()
    for function in functions:
        calls[function.name] |= known & set(_sequential_callees(function))
        if any(s.pipelined or s.pragma("DATAFLOW") for s in (function, *function.descendants())):
            structural.add(function.name)
    reached, pending = set(), [top]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += calls.get(name, ())
    while True:
        more = {name for name in known - structural if calls[name] & structural}
        if not more:
            return reached, structural
        structural |= more


def _sequential_callees(function):
    skipped = {
        s.cursor.extent.start.offset
        for s in function.descendants()
        if s.kind == "loop" and s.pipelined
    }

    def visit(cursor):
        for child in cursor.get_children():
            if child.kind in LOOPS and child.extent.start.offset in skipped:
                continue
            if child.kind in CALLS and child.spelling:
                yield child.spelling
            yield from visit(child)

    return visit(function.cursor)


def instrument_sequential(function, structural):
    """Charge the loops that are neither pipelined nor unrolled, each iteration an assumed time.

    Parameters
    ----------
    function : Scope
        It runs outside of pipelined loops.
    structural : set of str
        As returned by ``timed_functions``.

    Returns
    -------
    list of str
        Places of the plain loops: those without a pipelined loop or dataflow region inside.

    Raises
    ------
    InstrumentationError
    """
    plain = []
    for loop in function.descendants():
        quiet = loop.inside_pipeline or any(s.pragma("UNROLL") for s in loop.ancestors())
        if loop.kind != "loop" or loop.pipelined or loop.pragma("DATAFLOW") or quiet:
            continue
        if not loop.braced:
            raise loop.file.error(loop.start, function.name, "a loop without braces", "add them")
        holds = any(s.pipelined or s.pragma("DATAFLOW") for s in loop.descendants())
        holds = holds or bool(structural & set(callees(loop.cursor)))
        hook = "sequential_iteration" if holds else "plain_iteration"
        loop.file.insert(loop.open, f" hlssim::{hook}();")
        if not holds:
            plain.append(f"{loop.name} at {loop.file.where(loop.start)}")
    return plain
