"""The designs of the SVD engine for some models: lanes of both parts, and what they take.

What a design takes is the sum of what each part's lanes take and of what is there anyway, so that
pairs of lanes are compared without a design of each. ``tests/exploration`` holds the sums to
`resources.estimate`: they are never more, and less by no more than what rounding takes away.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from pynq_lstm.accelerator import design_checks, resources
from pynq_lstm.accelerator.design import Design, PartDesign
from pynq_lstm.accelerator.devices.device import KINDS
from pynq_lstm.exploration.target import most
from pynq_lstm.tiles import tile_count

U_LANES = np.array(design_checks.PART_RANGES["u_lanes"])
V_LANES = np.array(design_checks.PART_RANGES["v_lanes"])
U_TILES = design_checks.RANGES["u_tile"]
SLOTS = design_checks.RANGES["max_slots"][-1]
# what rounding the items of an estimate may take away, of each kind
ROUNDED = np.array([2.0 * (kind in ("lut", "ff")) for kind in KINDS])
TAKE_DISTANCE = 4  # what the kernel of the designs that ship needs
NAME, VERSION = "explored_svd", 1


@dataclass(frozen=True)
class Frame:
    """What all designs for some models have in common.

    Attributes
    ----------
    part : str
    clock_mhz, activation_bits, p_bits, inputs, hidden, pairs : int
        `inputs` and `hidden` the longest, `pairs` of the pass that has most.
    """

    part: str
    clock_mhz: int
    activation_bits: int
    p_bits: int
    inputs: int
    hidden: int
    pairs: int

    @classmethod
    def of(cls, models, pairs, target):
        """That of the passes of a network; `pairs` of the pass that has most."""
        return cls(
            target.part,
            target.clock_mhz,
            models[0].activation_bits,
            max(model.p_bits for model in models),
            max(max(model.input_sizes) for model in models),
            max(max(model.hidden_sizes) for model in models),
            pairs,
        )

    def design(self, u_tile, lanes, slots=SLOTS, depths=None):
        """A design; raises `DesignError` where the sizes do not go with its maxima.

        Parameters
        ----------
        u_tile : int
        lanes : pair of (int, int)
            U and V of the input part, then of the hidden part.
        slots : int
        depths : pair of (int, int, int), optional
            Words of U, S and V of each part; default: as many as there can be.
        """
        sizes = [u_tile * tile_count(n, u_tile) for n in (self.inputs, self.hidden)]
        depths = depths or ((design_checks.U16,) * 3,) * 2
        parts = [PartDesign(*own, *words) for own, words in zip(lanes, depths)]
        routes = self.pairs * sizes[0] // u_tile
        return Design(
            NAME,
            VERSION,
            self.part,
            self.clock_mhz,
            self.activation_bits,
            self.p_bits,
            u_tile,
            u_tile // 2,
            *sizes,
            self.pairs,
            max_programs=self.pairs,
            max_slots=slots,
            max_route_words=routes,
            take_distance=TAKE_DISTANCE,
            input=parts[0],
            hidden=parts[1],
        )


@dataclass(frozen=True, eq=False)
class Taken:
    """What lanes take at least, with the shortest memories.

    Attributes
    ----------
    base : ndarray, (kinds,), float64
        With one lane everywhere.
    parts : pair of ndarray, (U lanes, V lanes, kinds), float64
        What the lanes of a part add to it.
    """

    base: np.ndarray
    parts: tuple

    def fitting(self, available):
        """Of each part, which lanes fit if the other part has one lane of each: (U, V) bool."""
        return [(self.base + part <= available).all(axis=2) for part in self.parts]


@cache
def taken(frame, u_tile):
    """`Taken` of the lanes for a tile."""
    x, h = (tile_count(n, u_tile) for n in (frame.inputs, frame.hidden))
    v = 2 * tile_count(u_tile * h, u_tile)
    depths = (x, 1, v), (h, 1, v)
    least = frame.design(u_tile, ((1, 1), (1, 1)), 1, depths)
    base = vector(least)
    return Taken(base, tuple(_adds(least, side, base) for side in ("input", "hidden")))


def _adds(least, side, base):
    """(U, V, kinds): of U lanes alone, of V lanes alone, and of what lies between every two."""

    def adds(u, v):
        own = replace(getattr(least, side), u_lanes=int(u), v_lanes=int(v))
        return vector(replace(least, **{side: own})) - base

    by_u = np.stack([adds(u, 1) for u in U_LANES])[:, None]
    by_v = np.stack([adds(1, v) for v in V_LANES])[None]
    last = adds(U_LANES[-1], V_LANES[-1]) - by_u[-1, 0] - by_v[0, -1]
    between = np.multiply.outer(np.outer(U_LANES - 1, V_LANES - 1), last)
    between /= (U_LANES[-1] - 1) * (V_LANES[-1] - 1)
    return by_u + by_v + between - ROUNDED


def vector(design):
    """What a design takes of each of `KINDS`, (kinds,) float64; of a range the upper end."""
    used = resources.counts(design)
    return np.array([most(used, kind) for kind in KINDS], float)
