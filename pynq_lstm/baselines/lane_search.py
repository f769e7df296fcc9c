"""The lanes of an engine for single LSTMs: of many divisions of the DSPs, the soonest one."""

from bisect import bisect_left
from functools import cache
from itertools import product

import numpy as np

from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.design_checks import U16
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Pair, Plan
from pynq_lstm.baselines.single_engine import (
    MOST_SLOTS,
    MOST_U_LANES,
    SingleEngine,
    of_lanes,
    trimmed,
    units_dsp,
)
from pynq_lstm.errors import CapacityError
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

TILES = (16, 8)  # of u
SHORT = 256  # elements of the longest vector up to which smaller tiles are tried
PROMISING = 6  # divisions of the DSPs that are scheduled, of all that are estimated
MOST_V_LANES = 64
# words of a unit over those of the input's U
PACES = {
    ("hidden", "u"): (1, 0.75, 0.5, 0.35),
    ("hidden", "v"): (1, 0.75, 0.5, 0.35, 0.25),
    ("input", "v"): (1, 0.7),
}


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
    return SingleEngine(trimmed(best.image), best.cycles)


class _Search:
    """The best lanes of engines of one size of tiles.

    A pace of each unit fixes the ratios of their words; the fewest words are taken for which the
    DSPs suffice.
    """

    def __init__(self, plan, tile, clock_mhz, part, dsp):
        self._plan, self._dsp = plan, dsp
        self._design = lambda lanes: of_lanes(plan, tile, clock_mhz, part, lanes)
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
