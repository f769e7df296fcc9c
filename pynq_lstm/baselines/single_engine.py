"""An SVD engine for one LSTM at a time, with the lanes that suit it.

The kernel's lanes serve pairs: two LSTMs share a u or a v, and with it a DSP. An engine for single
LSTMs packs two elements of u that share an x, and two of v that share a p, instead: the same
products a DSP, so that it has as many lanes of one LSTM for half the DSPs of a kernel with as many
lanes of two. Its schedule is that of the kernel with the second lane empty. Nothing of it is built.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np

from pynq_lstm.accelerator import resource_logic
from pynq_lstm.accelerator.cycles import Cycles, wave_cycles
from pynq_lstm.accelerator.design import LANES, Design, PartDesign
from pynq_lstm.accelerator.design_checks import U16
from pynq_lstm.accelerator.energy import wave_energy
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.packing.image import Image
from pynq_lstm.accelerator.plan import Pair, Plan
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.errors import CapacityError
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

TILES = (16, 8)  # of u
SHORT = 256  # elements of the longest vector up to which smaller tiles are tried
PROMISING = 6  # divisions of the DSPs that are scheduled, of all that are estimated
MOST_SLOTS, MOST_ROUTE_WORDS = 16, 512
MOST_U_LANES, MOST_V_LANES = 16, 64
# words of a unit over those of the input's U
PACES = {
    ("hidden", "u"): (1, 0.75, 0.5, 0.35),
    ("hidden", "v"): (1, 0.75, 0.5, 0.35, 0.25),
    ("input", "v"): (1, 0.7),
}
ROUNDED = 64  # words of memories are rounded up to


@dataclass(frozen=True, eq=False)
class SingleEngine:
    """An engine, what is packed for it, and what a step of its LSTMs takes.

    Attributes
    ----------
    image : Image
        Of the kernel whose second lane is empty; its memories are as deep as they must be.
    cycles : Cycles
    """

    image: Image
    cycles: Cycles

    @property
    def dsp(self):
        """Without the checks of commands."""
        return units_dsp(self.image.design)

    def energy(self, constants):
        """nJ of a step without static power: (computing, the board's memory).

        The clock is that of one lane: half of what the kernel with two has.
        """
        found = wave_energy(self.image, constants=constants)
        clock = sum(part.clock for part in found.parts.values()) + found.around_clock
        return found.dynamic - clock / LANES, found.dram

    @property
    def memories(self):
        """All memories and FIFOs, those of the second lane included."""
        return estimate(self.image.design).memories

    def logic(self):
        """LUTs and flip-flops without LUTs that store bits: (of the engine, of what is around)."""
        around = resource_logic.surroundings(self.image.design)
        units = resource_logic.units(self.image.design)
        return _logic(units, LANES), _logic(around, 1)


def _logic(items, lanes):
    return {
        kind: tuple(sum(getattr(item, kind)[k] for item in items) / lanes for k in range(2))
        for kind in ("lut", "ff")
    }


def units_dsp(design):
    """DSPs of the units of an engine of one lane."""
    return sum(item.dsp for item in resource_logic.units(design)) // LANES


def fastest(models, clock_mhz, dsp, part):
    """The engine of `dsp` DSPs that computes a step of the LSTMs, one after another, the soonest.

    Parameters
    ----------
    models : sequence of CompressedModel
        Of one LSTM each.
    clock_mhz, dsp : int
        The latter without the checks of commands.
    part : str
        Of the FPGA.

    Returns
    -------
    SingleEngine

    Raises
    ------
    CapacityError
        No engine of this size, or with what the kernel can count, holds them.
    """
    plan = Plan(tuple(Pair(model, (0, None)) for model in models))
    longest = max(max(model.input_sizes[0], model.hidden_sizes[0]) for model in models)
    searches = [
        _Search(plan, tile, clock_mhz, part, dsp)
        for tile in (TILES if longest <= SHORT else TILES[:1])
    ]
    found = [one for one in (search.run() for search in searches) if one is not None]
    if not found:
        raise searches[-1].refused
    best = min(found, key=lambda engine: engine.cycles.wave)
    return SingleEngine(_trimmed(best.image), best.cycles)


class _Search:
    """The best lanes of engines of one size of tiles.

    A pace of each unit fixes the ratios of their words; the fewest words are taken for which the
    DSPs suffice.
    """

    def __init__(self, plan, tile, clock_mhz, part, dsp):
        self._plan, self._dsp = plan, dsp
        self._design = lambda lanes: _of_lanes(plan, tile, clock_mhz, part, lanes)
        self._least = {side: _least_u_lanes(plan, side) for side in PARTS}
        one = {(side, unit): 1 for side in PARTS for unit in "uv"}
        self._base = units_dsp(self._design(one))  # DSPs are linear in lanes
        self._each = {unit: units_dsp(self._design({**one, unit: 2})) - self._base for unit in one}
        self.refused = None

    def run(self):
        """The `SingleEngine`, its memories not trimmed; None where none is made."""
        try:
            self._words = _words(pack(self._plan, self._design({})))
        except CapacityError as error:
            self.refused = error
            return None
        ways = (dict(zip(PACES, paces)) for paces in product(*PACES.values()))
        lanes = {tuple(sorted(one.items())): one for one in map(self._lanes, ways) if one}
        order = sorted(lanes, key=lambda key: self._expected(lanes[key]))[:PROMISING]
        found = [one for one in (self._of(lanes[key]) for key in order) if one is not None]
        return min(found, key=lambda engine: engine.cycles.wave) if found else None

    def _expected(self, lanes):
        """Cycles of a step without what the schedule adds: the words of a unit, or the way of h."""
        words = {unit: table[lanes[unit] - 1] for unit, table in self._words.items()}
        loop = (words["hidden", "u"] + words["hidden", "v"]) / len(self._plan.pairs)
        return max(*words.values(), loop + _loop_latency())

    def _of(self, lanes):
        try:
            image = pack(self._plan, self._design(lanes))
        except CapacityError as error:
            self.refused = error
            return None
        return SingleEngine(image, wave_cycles(image))

    def _lanes(self, paces):
        """The fewest words for which the DSPs suffice, as lanes."""
        every = range(1, 2 * int(max(table[0] for table in self._words.values())) + 1)
        at = bisect_left(every, True, key=lambda words: self._fits(words, paces))
        if at < len(every):
            return _lanes(self._words, every[at], paces, self._least)
        remedy = "give it more DSPs, or compress with fewer refinements"
        self.refused = CapacityError(
            "dsp", self._dsp, "no engine of so few for these LSTMs", remedy
        )
        return None

    def _fits(self, words, paces):
        lanes = _lanes(self._words, words, paces, self._least)
        if lanes is None:
            return False
        more = sum(self._each[unit] * (count - 1) for unit, count in lanes.items())
        return self._base + more <= self._dsp


@cache
def _loop_latency():
    """Depths of the loops that h goes through."""
    latencies = Latencies.load()
    return sum(map(latencies.depth, ("u_words", "s_slots", "v_words", "step_tiles")))


def _of_lanes(plan, tile, clock_mhz, part, lanes):
    first = plan.pairs[0].model
    inputs, hidden = (
        tile_count(max(getattr(pair, name) for pair in plan.pairs), tile) * tile
        for name in ("inputs", "hidden")
    )
    sides = {
        side: PartDesign(
            lanes.get((side, "u"), MOST_U_LANES), lanes.get((side, "v"), 1), U16, U16, U16
        )
        for side in PARTS
    }
    return Design(
        name="svd1_hw",
        version=1,
        part=part,
        clock_mhz=clock_mhz,
        activation_bits=first.activation_bits,
        p_bits=max(pair.model.p_bits for pair in plan.pairs),
        u_tile=tile,
        v_tile=tile // 2,
        max_inputs=inputs,
        max_hidden=hidden,
        max_pairs=len(plan.pairs),
        max_programs=len(plan.pairs),  # one for each: the longest prefix only
        max_slots=MOST_SLOTS,
        max_route_words=MOST_ROUTE_WORDS,
        take_distance=4,
        **sides,
    )


def _words(image):
    """Words of each unit in a step, by its lanes from 1 on; the image has one lane of V a gate.

    U takes any tiles together; V those of one tile of h, of the gate that has most.
    """
    made = {}
    for side in PARTS:
        own = [getattr(image.program(k, U16), side) for k in range(len(image.pairs))]
        tiles = sum(len(one.u.word) for one in own)
        counts = np.concatenate([one.v.positions for one in own])
        made[side, "u"] = -(-tiles // np.arange(1, MOST_U_LANES + 1))
        made[side, "v"] = (-(-counts // np.arange(1, MOST_V_LANES + 1)[:, None])).sum(axis=1)
    return made


def _least_u_lanes(plan, side):
    """Every component needs a slot."""
    most = max(len(getattr(pair.model, side).u) for pair in plan.pairs)
    return tile_count(max(most, 1), MOST_SLOTS)


def _lanes(tables, words, paces, least):
    """The fewest lanes of each (side, unit) for so many words; None where there are too few."""
    found = {}
    for (side, unit), table in tables.items():
        enough = table <= max(1, words * paces.get((side, unit), 1))
        found[side, unit] = int(enough.argmax()) + 1 if enough.any() else len(table)
    for side in PARTS:
        found[side, "u"] = max(found[side, "u"], least[side])
        if found[side, "u"] > MOST_U_LANES:
            return None
    return found


def _trimmed(image):
    """The same image for a design whose memories are no deeper than it needs."""
    least = {"u_words": 1, "s_words": 1, "v_words": image.design.max_h_tiles}
    depths = {}
    for side in PARTS:
        words = {**least, "u_words": image.design.x_tiles(side)}
        for name, few in words.items():
            used = tile_count(image.usage[f"{side}.{name}"][0], ROUNDED) * ROUNDED
            words[name] = min(U16, max(used, few))
        depths[side] = replace(getattr(image.design, side), **words)
    return replace(image, design=replace(image.design, **depths))
