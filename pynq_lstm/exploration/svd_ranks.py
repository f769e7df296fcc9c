"""The least cycles that every pair of ranks may take on any design that fits a device.

For each part, and each rank, the lanes that keep to a time take so much of a kind of resource at
least; a time is possible only where what both parts take at least, and what is there anyway, is
there. Sums over passes are bounded by the sums of their parts.
"""

import numpy as np

from pynq_lstm.accelerator.devices.device import KINDS
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.exploration import lists, svd_bounds
from pynq_lstm.exploration.svd_space import U_TILES, Frame, taken
from pynq_lstm.model import PARTS

LEVELS = 256  # times that are told apart; a time between two of them counts as the lower one


def bounds(models, ranks, target):
    """Bounds of the prefixes of some models.

    Parameters
    ----------
    models : list of CompressedModel
        The passes of a network, greedy.
    ranks : list of pair of ndarray of int
        Of each pass: the refinements of the input part, and of the hidden part, one for each
        choice; as many for every pass.
    target : Target

    Returns
    -------
    ndarray, (choices of the input part, of the hidden part), float64
        Cycles of a wave of every pass, added up; inf where no design fits.
    """
    plans = [Plan.of_model(model).pairs for model in models]
    frame = Frame.of(models, max(map(len, plans)), target)
    room = np.array([target.available[kind] for kind in KINDS], float)
    found = np.full([len(own) for own in ranks[0]], np.inf)
    for u_tile in U_TILES:
        try:
            taking = taken(frame, u_tile)
        except PynqLstmError:  # vectors that are too long for tiles of that size
            continue
        sides = []
        for n, (side, mask, adds) in enumerate(zip(PARTS, taking.fitting(room), taking.parts)):
            total = 0.0
            for model, plan, own in zip(models, plans, ranks):
                every = lists.of_model(model, u_tile)
                counts = [
                    np.array([one[side].components.prefix(int(r)) for r in own[n]]) for one in every
                ]
                around = svd_bounds.around(model, plan, u_tile)
                total = total + np.maximum(svd_bounds.of_part(side, every, counts), around)
            sides.append((total[:, mask], adds[mask]))
        found = np.minimum(found, _together(sides, room - taking.base))
    return found


def _together(sides, room):
    """(choices of the one part, of the other): the least level at which both parts fit."""
    finite = np.concatenate([cycles[np.isfinite(cycles)] for cycles, _ in sides])
    if not len(finite):
        return np.full([len(cycles) for cycles, _ in sides], np.inf)
    levels = np.unique(finite)
    levels = levels[:: -(-len(levels) // LEVELS)]
    least = [_least(cycles, adds, levels) for cycles, adds in sides]  # (choices, levels, kinds)
    possible = np.ones((len(least[0]), len(least[1]), len(levels)), bool)
    for kind in range(len(room)):
        possible &= least[0][:, None, :, kind] + least[1][None, :, :, kind] <= room[kind]
    first = possible.argmax(axis=2)
    return np.where(possible.any(axis=2), levels[first], np.inf)


def _least(cycles, adds, levels):
    """What lanes that keep to each level take at least, of each kind; inf where none does."""
    found = np.full((len(cycles), len(levels), adds.shape[1]), np.inf)
    for row, own in zip(found, cycles):
        at = np.flatnonzero(np.isfinite(own))
        place = np.searchsorted(levels, own[at], "right") - 1
        for kind in range(adds.shape[1]):
            np.minimum.at(row[:, kind], place, adds[at, kind])
    return np.minimum.accumulate(found, axis=1)
