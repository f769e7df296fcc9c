"""Which prefixes get a program of their own, and where its words are.

A program serves every prefix up to its own: components beyond it count for nothing. Programs of
fewer components only save time, so they are made as far as the memories allow.
"""

from dataclasses import dataclass
from typing import Any, Dict, Tuple

import numpy as np

from pynq_lstm.accelerator.design import LANES
from pynq_lstm.accelerator.packing import u_schedule, v_schedule
from pynq_lstm.accelerator.packing.components import Components
from pynq_lstm.accelerator.packing.u_schedule import USchedule
from pynq_lstm.accelerator.packing.v_schedule import VSchedule
from pynq_lstm.model import PARTS


@dataclass(frozen=True, eq=False)
class Words:
    """The schedule of some leading components of a part."""

    components: int
    u: USchedule
    v: VSchedule


class PartWords:
    """Schedules of a part, made when they are first asked for.

    Parameters
    ----------
    side : str
    components : Components
    design : Design
    """

    def __init__(self, side: str, components: Components, design):
        self.side, self.components = side, components
        self._design, self._part = design, getattr(design, side)
        self._made = {}
        self._present = components.u.any(axis=2), components.v.any(axis=3)

    def of(self, refinements):
        """The `Words` of a prefix."""
        count = self.components.prefix(refinements)
        if count not in self._made:
            u, v = (present[:count] for present in self._present)
            v = v_schedule.schedule(v, self._part.v_lanes)
            distance = self._design.take_distance
            u = u_schedule.schedule(u, self._part.u_lanes, distance, self._pace(v))
            self._made[count] = Words(count, u, v)
        return self._made[count]

    def _pace(self, v):
        """Cycles between tiles: x comes from memory, two tiles of h make one of the next step."""
        if self.side == "input":
            return LANES * self._design.x_beats
        return 2 * int(v.positions.max())


@dataclass(frozen=True, eq=False)
class Group:
    """Pairs with the same u and v, which share their words.

    Attributes
    ----------
    pairs : tuple of int
    parts : dict
        `PartWords` by side.
    candidates : tuple of int
        Prefixes worth a program, ascending; the last one must have it.
    """

    pairs: Tuple[int, ...]
    parts: Dict[str, PartWords]
    candidates: Tuple[int, ...]


def candidates(model, parts):
    """Prefixes that may be asked for and whose components differ from those of the next one.

    Parameters
    ----------
    model : CompressedModel
    parts : dict
        `PartWords` by side.

    Returns
    -------
    tuple of int
    """
    served = model.prefixes or range(1, model.max_refinements + 1)
    sets = {tuple(parts[side].components.prefix(k) for side in PARTS): k for k in served}
    return tuple(sorted(sets.values()))


def demand(groups, chosen):
    """What some programs need of each memory.

    Parameters
    ----------
    groups : sequence of Group
    chosen : sequence of (sequence of int)
        Prefixes of each group.

    Returns
    -------
    dict
        Records by (side, unit), and programs by "programs".
    """
    need: Dict[Any, int] = {(side, unit): 0 for side in PARTS for unit in "usv"}
    need["programs"] = sum(len(g.pairs) * len(ks) for g, ks in zip(groups, chosen))
    for group, prefixes in zip(groups, chosen):
        for side in PARTS:
            distinct = {id(w): w for w in (group.parts[side].of(k) for k in prefixes)}.values()
            need[side, "u"] += sum(w.u.words for w in distinct)
            need[side, "v"] += sum(w.v.words for w in distinct)
            need[side, "s"] += sum(w.u.slots for w in distinct) * len(group.pairs)
    return need


def room(design):
    """What a design has of each memory, by the keys of `demand`."""
    has = {
        (side, unit): getattr(getattr(design, side), f"{unit}_words")
        for side in PARTS
        for unit in "usv"
    }
    return {**has, "programs": design.max_programs}


def fits(need, has):
    """Whether every memory has room."""
    return all(need[key] <= has[key] for key in need)


def choose(groups, design):
    """Prefixes of each group that get a program: all candidates, or as many as fit, spread.

    Parameters
    ----------
    groups : sequence of Group
    design : Design
        Has room for the last candidate of every group.

    Returns
    -------
    list of (tuple of int)
    """
    has = room(design)
    most = min(max(len(group.candidates) for group in groups), design.max_programs)
    for count in range(most, 1, -1):
        chosen = [spread(group.candidates, count) for group in groups]
        if fits(demand(groups, chosen), has):
            return chosen
    return [spread(group.candidates, 1) for group in groups]


def spread(values, count):
    """At most `count` of `values`, evenly apart, the last one among them."""
    if count >= len(values):
        return tuple(values)
    ends = np.arange(1, count + 1) * len(values) // count - 1
    return tuple(values[k] for k in ends)
