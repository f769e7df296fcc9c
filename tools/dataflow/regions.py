"""Dataflow regions: calls become processes, the streams of a region in a loop outlive its turns."""

import re
from dataclasses import dataclass

import clang.cindex as ci

from . import streams

Kind = ci.CursorKind
CALL = re.compile(r"([A-Za-z_][\w:]*(?:\s*<.*?>)?(?:::\w+)?)\s*\(.*\)$", re.S)
TAKES = (Kind.CALL_EXPR, Kind.UNEXPOSED_EXPR)


@dataclass(frozen=True)
class Call:
    """One process of a region: its name, its statement, and the variables it mentions."""

    name: str
    start: int
    end: int
    variables: dict


def _call(region, statement):
    start, end = statement.extent.start.offset, statement.extent.end.offset
    text = region.file.text(start, end)
    match = CALL.match(text)
    if statement.kind not in TAKES or not match:
        raise region.file.error(
            start, text, "a dataflow region holds declarations and calls only", "move it out"
        )
    references = (c for c in statement.walk_preorder() if c.kind == Kind.DECL_REF_EXPR)
    variables = {c.spelling: c.referenced for c in references if _is_variable(c.referenced)}
    return Call(re.sub(r"\s+", "", match.group(1)), start, end, variables)


def _is_variable(cursor):
    return cursor is not None and cursor.kind in (Kind.VAR_DECL, Kind.PARM_DECL)


def _numbered(names):
    """Processes that call the same function get a number."""
    return [
        f"{name}#{names[: i + 1].count(name)}" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


def _edges(region, calls, declared):
    """(from, to, levels) of the processes that a stream joins; 0 levels for one that goes back.

    Raises
    ------
    InstrumentationError
        A stream that has not two ends in the region.
    """
    pairs = set()
    for declaration in declared:
        for name in declaration.depths:
            users = [i for i, call in enumerate(calls) if name in call.variables]
            if name not in declaration.array and len(users) != 2:
                raise region.file.error(
                    declaration.start,
                    name,
                    f"{len(users)} processes of the region use this stream",
                    "give it one writer and one reader",
                )
            if not declaration.static:
                pairs |= {(a, b) for a in users[:1] for b in users[1:]}
    own = {name for d in declared if not d.static for name in d.depths}
    mentioned = {n: c for call in calls for n, c in call.variables.items() if n not in own}
    back = [
        [i for i, call in enumerate(calls) if name in call.variables]
        for name, cursor in mentioned.items()
        if streams.is_stream(cursor)
    ]
    levels = [0] * len(calls)
    for a, b in sorted(pairs, key=lambda pair: pair[1]):
        levels[b] = max(levels[b], levels[a] + 1)
    forward = [(a, b, levels[b] - levels[a]) for a, b in sorted(pairs)]
    return forward + [(users[1], users[0], 0) for users in back if len(users) == 2]


@dataclass(frozen=True)
class Body:
    """What a region consists of.

    Attributes
    ----------
    calls : list of Call
    moved : list of Cursor
        Declarations that stand before the loop of a region in a loop: of streams and constexpr.
    copied : list of str
        Constants that each call takes by value.
    """

    calls: list
    moved: list
    copied: list


def _body(region, stream_starts):
    file, body = region.file, Body([], [], [])
    for statement in region.body.get_children():
        start, end = statement.extent.start.offset, statement.extent.end.offset
        if statement.kind == Kind.NULL_STMT:
            continue
        if statement.kind != Kind.DECL_STMT:
            body.calls.append(_call(region, statement))
        elif start in stream_starts:
            body.moved.append(statement)
        else:
            _check_constant(file, statement)
            if "constexpr" in file.text(start, end).split():
                body.moved.append(statement)
            else:
                body.copied.extend(v.spelling for v in statement.get_children())
    if not body.calls:
        raise file.error(region.start, region.name, "a dataflow region without a call", "drop it")
    return body


def _check_constant(file, statement):
    for variable in statement.get_children():
        if not variable.type.is_const_qualified():
            raise file.error(
                statement.extent.start.offset,
                variable.spelling,
                "a variable of a dataflow region is neither a stream nor constant",
                "pass data through streams, scalars as const",
            )


def instrument(region):
    """Turn the calls of a region into processes that run at the same time.

    Parameters
    ----------
    region : Scope
        A function or a loop with DATAFLOW.

    Returns
    -------
    list of str
        Names of the processes.
    set of int
        Starts of the stream declarations that were moved.

    Raises
    ------
    InstrumentationError
    """
    file, in_loop = region.file, region.kind == "loop"
    declared = [d for d in streams.declarations(region.function)[0] if d.scope is region]
    starts = {d.start: d for d in declared}
    body = _body(region, starts)
    names = _numbered([call.name for call in body.calls])
    edges = ", ".join(f"{{{a}, {b}, {n}}}" for a, b, n in _edges(region, body.calls, declared))
    quoted = ", ".join(f'"{name}"' for name in names)
    head = f"hlssim::Region hlssim_region({{{quoted}}}, {{{edges}}});"
    copied = list(body.copied)
    if in_loop:
        copied += _loop_variables(region)
        _hoist(region, body.moved, starts, head)
        file.insert(region.open, " hlssim_region.iteration();")
        file.insert(region.cursor.extent.end.offset, " hlssim_region.join(); }", closing=True)
    else:
        file.insert(region.open, f" {head}")
        file.insert(region.close, " hlssim_region.join(); ", closing=True)
    for i, call in enumerate(body.calls):
        by_copy = "".join(f", {v}" for v in copied if v in call.variables)
        file.insert(call.start, f"hlssim_region.call({i}, [&{by_copy}] {{ ")
        file.insert(call.end, "; })", closing=True)
    return names, set(starts) if in_loop else set()


def _loop_variables(loop):
    if loop.cursor.kind != Kind.FOR_STMT:
        raise loop.file.error(
            loop.start, loop.name, "DATAFLOW in a loop that is not a for", "write a counted for"
        )
    first = next(loop.cursor.get_children())
    is_declaration = first.kind == Kind.DECL_STMT
    return [v.spelling for v in first.get_children()] if is_declaration else []


def _hoist(loop, statements, declarations, head):
    """Streams exist once in hardware: move them, and constants, before the loop."""
    text = "{ "
    for statement in statements:
        start, end = statement.extent.start.offset, statement.extent.end.offset
        text += loop.file.text(start, end)
        text += declarations[start].declare() if start in declarations else ""
        text += "\n"
        loop.file.remove(start, end)
    loop.file.insert(loop.start, text + head + " ")
