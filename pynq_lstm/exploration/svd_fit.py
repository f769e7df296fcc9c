"""The fastest design of the SVD engine for given models.

Branch and bound over the lanes of the hidden part, each with the best lanes of the input part that
fit beside it: the least bound first, made exact when it comes up, until no bound is below the best
design that was packed and modelled.
"""

import heapq
import math
from dataclasses import replace

import numpy as np

from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.devices.device import KINDS
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, DesignError, PynqLstmError
from pynq_lstm.exploration import lists, svd_bounds
from pynq_lstm.exploration.fit import PROGRAMS, Fit, cycles, depth, images, used
from pynq_lstm.exploration.svd_schedule import Schedules
from pynq_lstm.exploration.svd_space import U_LANES, U_TILES, V_LANES, Frame, taken
from pynq_lstm.model import PARTS

SLIMMER = 200  # pairs of lanes that are looked at for a smaller design of the same time


def best(models, target, limit=math.inf, slim=False):
    """The fastest design.

    Parameters
    ----------
    models : list of CompressedModel
        The passes of a network; their times add up.
    target : Target
    limit : float
        Cycles; designs that take as many are of no interest.
    slim : bool
        Look for the smallest design of that time.

    Returns
    -------
    Fit
    """
    spaces = _spaces(models, target)
    everything = sum(space.bound.size for space in spaces)
    heap = [
        (space.rows[k], space.cost[k], s, k)
        for s, space in enumerate(spaces)
        for k in range(len(space.rows))
        if space.rows[k] < limit
    ]
    heapq.heapify(heap)
    found, least, modelled, refused = None, limit, 0, 0
    while heap and heap[0][0] < least:
        bound, _, s, row = heapq.heappop(heap)
        space = spaces[s]
        column = space.refined(row)
        if space.rows[row] > bound:
            if space.rows[row] < least:
                heapq.heappush(heap, (space.rows[row], space.cost[row], s, row))
            continue
        made = space.design(row, column)
        modelled += 1
        if made is None:
            space.bound[row, column], refused = np.inf, refused + 1
            space.rows[row] = space.bound[row].min()
            heapq.heappush(heap, (space.rows[row], space.cost[row], s, row))
        elif made[1] < least:
            found, least = made
    fitting = sum(int(np.isfinite(space.bound).sum()) for space in spaces)
    counts = modelled, fitting - modelled + refused, everything - fitting
    if found is None:
        lowest = min((space.rows.min(initial=np.inf) for space in spaces), default=np.inf)
        return Fit(None, float(max(lowest, min(limit, lowest))), *counts)
    if slim:
        found = _slimmer(spaces, least) or found
    return Fit(found, least, *counts)


def _spaces(models, target):
    plans = [Plan.of_model(model).pairs for model in models]
    frame = Frame.of(models, max(map(len, plans)), target)
    found = []
    for u_tile in U_TILES:
        try:
            found.append(_Space(models, plans, frame, u_tile, target))
        except PynqLstmError:  # vectors that are too long for tiles of that size
            continue
    return found


def _slimmer(spaces, least):
    """The design that takes the smallest share of what is scarcest, and no more cycles."""
    offers = []
    for s, space in enumerate(spaces):
        rows, columns = np.nonzero(space.bound <= least)
        shares = space.shares(rows, columns)
        for at in np.argsort(shares, kind="stable")[:SLIMMER]:
            offers.append((float(shares[at]), s, int(rows[at]), int(columns[at])))
    for _, s, row, column in sorted(offers)[:SLIMMER]:
        space = spaces[s]
        if space.refine(row, column) <= least:
            made = space.design(row, column)
            if made is not None and made[1] <= least:
                return made[0]
    return None


class _Space:
    """The lanes for one tile; rows are those of the hidden part, columns of the input part.

    Attributes
    ----------
    bound : ndarray, (rows, columns)
        Cycles; inf where both do not fit together.
    rows, cost : ndarray, (rows,)
        The least bound of each, and the share of the part that it takes.
    """

    def __init__(self, models, plans, frame, u_tile, target):
        self._models, self._frame, self._tile, self._target = models, frame, u_tile, target
        room = np.array([target.available[kind] for kind in KINDS], float)
        self._room, taking = room, taken(frame, u_tile)
        every = [lists.of_model(model, u_tile) for model in models]
        self._schedules = [
            Schedules(own, u_tile, model.activation_bits) for own, model in zip(every, models)
        ]
        around = [svd_bounds.around(m, pairs, u_tile) for m, pairs in zip(models, plans)]
        self._lanes, self._takes, self._cycles = [], [], []
        for side, mask, adds in zip(PARTS, taking.fitting(room), taking.parts):
            whole = [[np.array([len(one[side].components.u)]) for one in own] for own in every]
            bounds = np.stack([svd_bounds.of_part(side, own, c)[0] for own, c in zip(every, whole)])
            bounds = np.maximum(bounds, np.array(around)[:, None, None])
            at = np.nonzero(mask & np.isfinite(bounds).all(axis=0))
            self._lanes.append([(int(U_LANES[a]), int(V_LANES[b])) for a, b in zip(*at)])
            self._takes.append(adds[at])
            self._cycles.append(bounds[:, at[0], at[1]])
        self._base = taking.base
        inputs, hidden = self._takes
        fits = np.ones((len(hidden), len(inputs)), bool)
        for kind in range(len(room)):
            fits &= self._base[kind] + hidden[:, None, kind] + inputs[None, :, kind] <= room[kind]
        self._fits = fits
        self.bound = np.where(fits, self._joined(slice(None), slice(None)), np.inf)
        self.rows = self.bound.min(axis=1, initial=np.inf)
        self.cost = (hidden / np.maximum(room, 1)).max(axis=1, initial=0)
        self._column_cost = (inputs / np.maximum(room, 1)).max(axis=1, initial=0)
        self._known = [np.zeros(len(lanes), bool) for lanes in self._lanes]

    def refined(self, row):
        """Make a row and its best column exact; the column."""
        self._refine(1, row)
        while True:
            least = self.bound[row].min()
            ties = np.flatnonzero(self.bound[row] == least)
            column = int(ties[self._column_cost[ties].argmin()])
            if self._known[0][column] or not np.isfinite(least):
                self.rows[row] = least
                return column
            self._refine(0, column)

    def refine(self, row, column):
        """Make a pair exact; its cycles."""
        self._refine(1, row)
        self._refine(0, column)
        return self.bound[row, column]

    def shares(self, rows, columns):
        """Of what is scarcest, of pairs."""
        inputs, hidden = self._takes
        return ((self._base + hidden[rows] + inputs[columns]) / np.maximum(self._room, 1)).max(
            axis=1
        )

    def design(self, row, column):
        """The design of a pair with memories as deep as needed, and its cycles; None: too large."""
        lanes = self._lanes[0][column], self._lanes[1][row]
        try:
            packed = images(self._models, self._frame.design(self._tile, lanes))
            deep = sized(packed)
        except (CapacityError, DesignError):  # more words than memories have
            return None
        if not self._target.holds(resources.counts(deep)):
            return None
        return deep, cycles(packed)

    def _refine(self, part, at):
        if self._known[part][at]:
            return
        self._known[part][at] = True
        for p, own in enumerate(self._schedules):
            exact = own.cycles(PARTS[part], *self._lanes[part][at])
            self._cycles[part][p, at] = max(self._cycles[part][p, at], exact)
        place = (slice(None), [at]) if part == 0 else ([at], slice(None))
        joined = self._joined(place[0], place[1])
        self.bound[place] = np.where(np.isfinite(self.bound[place]), joined, np.inf)

    def _joined(self, rows, columns):
        hidden, inputs = self._cycles[1][:, rows], self._cycles[0][:, columns]
        return np.maximum(hidden[:, :, None], inputs[:, None, :]).sum(axis=0)


def sized(packed):
    """The design of some images with memories as deep as they need, and some prefixes."""
    design = packed[0].design
    slots = max(
        getattr(program, side).u.slots
        for image in packed
        for program in image.programs
        for side in PARTS
    )
    parts = {}
    for side in PARTS:
        words = {unit: used(packed, f"{side}.{unit}_words") for unit in "usv"}
        words["u"] = max(words["u"], design.x_tiles(side))
        words["v"] = max(words["v"], design.max_h_tiles)
        deep = {f"{unit}_words": depth(count) for unit, count in words.items()}
        parts[side] = replace(getattr(design, side), **deep)
    slots = 1 << (slots - 1).bit_length()
    return replace(design, max_slots=slots, max_programs=PROGRAMS * design.max_pairs, **parts)
