"""Depths of pipelined loops, assumed from the operators on their critical paths."""

import json
from pathlib import Path

from .errors import DepthError

OPERATORS = Path(__file__).parent / "operators.json"


def operator_cycles(path=OPERATORS):
    """Cycles of each operator.

    Parameters
    ----------
    path : Path
        JSON: ``{"operators": {name: {"cycles": int, "basis": str, "why": str}}}``.

    Returns
    -------
    dict of str to int
    """
    entries = json.loads(Path(path).read_text(encoding="utf-8"))["operators"]
    return {name: entry["cycles"] for name, entry in entries.items()}


def loop_depths(path, keys, operators=None):
    """Depth of each pipelined loop.

    Parameters
    ----------
    path : Path
        JSON: ``{"loops": {label: [operator, ...]}}``, the operators on the loop's critical path in
        order. A label is ``function.label``, or the bare label where no other loop has it.
    keys : list of str
        ``function.label`` of each loop of the kernel.
    operators : dict of str to int, optional
        Cycles of each operator; those of operators.json.

    Returns
    -------
    dict of str to int
        Key to cycles from an iteration's start to its results, at least 1.

    Raises
    ------
    DepthError
        A loop without an entry, an entry without a loop, an unknown operator.
    """
    operators = operator_cycles() if operators is None else operators
    name = Path(path).name
    loops = json.loads(Path(path).read_text(encoding="utf-8"))["loops"]
    labels = [key.partition(".")[2] for key in keys]
    used, depths = set(), {}
    for key, label in zip(keys, labels):
        entry = key if key in loops else label
        if entry not in loops:
            raise DepthError(name, key, "a pipelined loop has no entry", f"add {label!r} to it")
        if entry == label and labels.count(label) > 1:
            same = ", ".join(k for k in keys if k.endswith("." + label))
            raise DepthError(name, label, f"several loops have this label: {same}", "name one each")
        used.add(entry)
        unknown = [operator for operator in loops[entry] if operator not in operators]
        if unknown:
            raise DepthError(
                name, unknown[0], f"{entry} names an unknown operator", "see operators.json"
            )
        depths[key] = max(1, sum(operators[operator] for operator in loops[entry]))
    stale = sorted(set(loops) - used)
    if stale:
        raise DepthError(name, stale[0], "no pipelined loop has this label", "remove it")
    return depths
