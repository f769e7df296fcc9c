"""What the image holds for the SVD engine: U, S and V words of every program."""

import struct
from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.packing import capacity, programs
from pynq_lstm.accelerator.packing.components import cut
from pynq_lstm.accelerator.packing.programs import Group, PartWords
from pynq_lstm.accelerator.packing.sections import PartProgram, Sections
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count


@dataclass(frozen=True, eq=False)
class Program:
    """The schedule of a pair for all prefixes up to `prefix` that no smaller program serves."""

    pair: int
    prefix: int
    input: PartProgram
    hidden: PartProgram

    def packed(self):
        """Its two beats."""
        return b"".join(
            struct.pack(
                "<8H",
                part.u_start,
                part.u.words,
                part.s_start,
                part.u.slots,
                part.v_start,
                part.v.words,
                self.prefix,
                0,
            )
            for part in (self.input, self.hidden)
        )


def unit_places(pair, design):
    """Where the hidden units of a pair stand among those of its tiles of h: as they are."""
    return np.arange(pair.hidden)


def shifts(part, j):
    """The shift of p of LSTM `j`."""
    return part.s_shift[j]


def words(plan, design, layouts, places):
    """Programs and sections.

    Parameters
    ----------
    plan : Plan
    design : Design
    layouts : list of PairLayout
    places : list of Places

    Returns
    -------
    programs : list of Program
        Those of a pair one after another, ascending prefixes.
    sections : list of ndarray, (records, beats, 16), uint8
        In the order of the page, those of the engine only.
    usage : dict
        (used, available) by the names of the design's maxima.

    Raises
    ------
    CapacityError
    """
    groups = _groups(plan, design, places)
    least = [group.candidates[-1:] for group in groups]
    capacity.check_words(programs.demand(groups, least), programs.room(design), design)
    chosen = programs.choose(groups, design)
    sections = Sections(plan, design)
    made = sorted(
        (
            Program(k, prefix, *(sections.add(k, group.parts[side], prefix) for side in PARTS))
            for group, prefixes in zip(groups, chosen)
            for prefix in prefixes
            for k in group.pairs
        ),
        key=lambda program: (program.pair, program.prefix),
    )
    need, has = programs.demand(groups, chosen), programs.room(design)
    usage = {f"{side}.{unit}_words": (need[side, unit], has[side, unit]) for side, unit in _UNITS}
    usage["max_programs"] = len(made), design.max_programs
    return made, sections.in_order(), usage


_UNITS = [(side, unit) for side in PARTS for unit in "usv"]


def _groups(plan, design, places):
    """Pairs by what their words depend on: the model, the layout of x, the hidden units."""
    alike = {}
    for k, pair in enumerate(plan.pairs):
        own = places[k]
        key = id(pair.model), own.element.tobytes(), len(own.tiles), pair.hidden
        alike.setdefault(key, []).append(k)
    return [_group(plan, design, places[pairs[0]], pairs) for pairs in alike.values()]


def _group(plan, design, own, pairs):
    first = plan.pairs[pairs[0]]
    model, hidden = first.model, first.hidden
    members = [plan.pairs[k].members[lane] for k in pairs for lane in plan.pairs[k].lanes]
    layouts = {
        "input": (own.element, len(own.tiles)),
        "hidden": (np.arange(hidden), tile_count(hidden, design.u_tile)),
    }
    parts = {}
    for side in PARTS:
        part = getattr(model, side)
        components = cut(part, *layouts[side], hidden, members, design)
        served = components.prefix(model.served())
        capacity.check_components(pairs[0], side, served, design)
        parts[side] = PartWords(side, components, design)
    return Group(tuple(pairs), parts, programs.candidates(model, parts))
