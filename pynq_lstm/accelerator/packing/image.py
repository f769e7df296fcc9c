"""pack: a plan to the memory image of a design's kernel (docs/accelerator_image.md)."""

from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np

from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.packing import capacity, programs
from pynq_lstm.accelerator.packing.components import cut
from pynq_lstm.accelerator.packing.directory import directory
from pynq_lstm.accelerator.packing.places import place
from pynq_lstm.accelerator.packing.programs import Group, PartWords
from pynq_lstm.accelerator.packing.routes import route_records
from pynq_lstm.accelerator.packing.sections import PartProgram, Sections
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count


@dataclass(frozen=True, eq=False)
class PairLayout:
    """What the host knows of a pair.

    Attributes
    ----------
    x_tiles, h_tiles : int
    external : ndarray, (external tiles, lanes, u_tile), int64
        Elements of each lane's external input in memory order, -1 for zero.
    route_start, route_words, bias_start : int
    collected : bool
        Its h goes to routes.
    """

    x_tiles: int
    h_tiles: int
    external: np.ndarray
    route_start: int
    route_words: int
    bias_start: int
    collected: bool


@dataclass(frozen=True, eq=False)
class Program:
    """The schedule of a pair for all prefixes up to `prefix` that no smaller program serves."""

    pair: int
    prefix: int
    input: PartProgram
    hidden: PartProgram


@dataclass(frozen=True, eq=False)
class Image:
    """A packed plan.

    Attributes
    ----------
    design : Design
    plan : Plan
    beats : ndarray, (beats, 16), uint8
        What LOAD reads; read-only.
    pairs : tuple of PairLayout
    programs : tuple of Program
        Those of a pair one after another, ascending prefixes.
    usage : dict
        (used, available) by the names of the design's maxima.
    """

    design: Design
    plan: Plan
    beats: np.ndarray
    pairs: Tuple[PairLayout, ...]
    programs: Tuple[Program, ...]
    usage: Dict[str, Tuple[int, int]]

    def program(self, pair, refinements):
        """The program that a run with `refinements` uses for a pair."""
        own = [p for p in self.programs if p.pair == pair]
        return next((p for p in own if p.prefix >= refinements), own[-1])


def pack(plan, design):
    """Pack a plan for a design.

    Parameters
    ----------
    plan : Plan
    design : Design

    Returns
    -------
    Image

    Raises
    ------
    CapacityError
        Something of the plan is larger than a maximum of the design.
    PlanError
        Sources of the same elements of x whose tiles do not align.
    """
    capacity.check_plan(plan, design)
    places = [place(pair, f"pairs[{k}]", design.u_tile) for k, pair in enumerate(plan.pairs)]
    for k, own in enumerate(places):
        capacity.check_x(k, len(own.tiles), design)
    routes = [route_records(own, design.u_tile) for own in places]
    capacity.check_route(sum(len(r.beats) for r in routes), design)
    layouts = _layouts(plan, design, places, routes)
    groups = _groups(plan, design, places)
    least = [group.candidates[-1:] for group in groups]
    capacity.check_words(programs.demand(groups, least), programs.room(design), design)
    chosen = programs.choose(groups, design)
    sections = Sections(plan, design, routes)
    made = sorted(
        (
            Program(k, prefix, *(sections.add(k, group.parts[side], prefix) for side in PARTS))
            for group, prefixes in zip(groups, chosen)
            for prefix in prefixes
            for k in group.pairs
        ),
        key=lambda program: (program.pair, program.prefix),
    )
    beats = directory(plan, design, layouts, made, sections)
    beats.flags.writeable = False
    need, has = programs.demand(groups, chosen), programs.room(design)
    usage = {f"{side}.{unit}_words": (need[side, unit], has[side, unit]) for side, unit in _UNITS}
    usage["max_programs"] = len(made), design.max_programs
    usage["max_route_words"] = sum(len(r.beats) for r in routes), design.max_route_words
    return Image(design, plan, beats, tuple(layouts), tuple(made), usage)


_UNITS = [(side, unit) for side in PARTS for unit in "usv"]


def _layouts(plan, design, places, routes):
    layouts, route_start, bias_start = [], 0, 0
    for k, pair in enumerate(plan.pairs):
        layouts.append(
            PairLayout(
                x_tiles=len(places[k].tiles),
                h_tiles=tile_count(pair.hidden, design.v_tile),
                external=routes[k].external,
                route_start=route_start,
                route_words=len(routes[k].beats),
                bias_start=bias_start,
                collected=k in plan.collected,
            )
        )
        route_start += layouts[-1].route_words
        bias_start += layouts[-1].h_tiles
    return layouts


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
