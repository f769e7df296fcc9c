"""pack: a plan to the memory image of a design's kernel (docs/accelerator_image.md)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Dict, Tuple

import numpy as np

from pynq_lstm.accelerator.design_common import DesignCommon
from pynq_lstm.accelerator.packing import capacity
from pynq_lstm.accelerator.packing.directory import directory
from pynq_lstm.accelerator.packing.engines import ENGINES
from pynq_lstm.accelerator.packing.places import place
from pynq_lstm.accelerator.packing.plan_sections import plan_sections
from pynq_lstm.accelerator.packing.routes import route_records
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.tiles import tile_count


@dataclass(frozen=True, eq=False)
class PairLayout:
    """What the host knows of a pair.

    Attributes
    ----------
    x_tiles, h_tiles : int
    units : ndarray, (hidden,), int64
        Place of each hidden unit among those of all tiles of h.
    external : ndarray, (external tiles, lanes, u_tile), int64
        Elements of each lane's external input in memory order, -1 for zero.
    route_start, route_words, bias_start : int
    collected : bool
        Its h goes to routes.
    """

    x_tiles: int
    h_tiles: int
    units: np.ndarray
    external: np.ndarray
    route_start: int
    route_words: int
    bias_start: int
    collected: bool

    @cached_property
    def unit_index(self):
        """What picks the units out of the tiles: a slice, which copies faster, if it can be one."""
        count = len(self.units)
        return slice(count) if np.array_equal(self.units, np.arange(count)) else self.units


@dataclass(frozen=True, eq=False)
class Image:
    """A packed plan.

    Attributes
    ----------
    design : Design or BlockDesign
    plan : Plan
    beats : ndarray, (beats, 16), uint8
        What LOAD reads; read-only.
    pairs : tuple of PairLayout
    programs : tuple
        Of the engine (`svd.Program`, `block_diagonal.Program`).
        Those of a pair one after another, ascending prefixes.
    usage : dict
        (used, available) by the names of the design's maxima.
    """

    design: DesignCommon
    plan: Plan
    beats: np.ndarray
    pairs: Tuple[PairLayout, ...]
    programs: tuple
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
    design : Design or BlockDesign

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
    engine = ENGINES[design.engine]
    units = [engine.unit_places(pair, design) for pair in plan.pairs]
    places = [place(pair, f"pairs[{k}]", design.u_tile, units) for k, pair in enumerate(plan.pairs)]
    for k, own in enumerate(places):
        capacity.check_x(k, len(own.tiles), design)
    routes = [route_records(own, design) for own in places]
    capacity.check_route(sum(len(r.beats) for r in routes), design)
    layouts = _layouts(plan, design, places, routes, units)
    made, words, usage = engine.words(plan, design, layouts, places)
    sections = [*words, *plan_sections(plan, layouts, routes, design)]
    beats = directory(plan, design, layouts, made, sections)
    beats.flags.writeable = False
    usage["max_route_words"] = sum(len(r.beats) for r in routes), design.max_route_words
    return Image(design, plan, beats, tuple(layouts), tuple(made), usage)


def _layouts(plan, design, places, routes, units):
    layouts, route_start, bias_start = [], 0, 0
    for k in range(len(plan.pairs)):
        layouts.append(
            PairLayout(
                x_tiles=len(places[k].tiles),
                h_tiles=tile_count(int(units[k].max()) + 1, design.v_tile),
                units=units[k],
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
