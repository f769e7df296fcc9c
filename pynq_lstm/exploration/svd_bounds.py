"""Cycles of a wave on the SVD engine from the lengths of its lists, for all lanes at once.

    U words >= max(tiles, tiles of u of the fullest lane + take distance), where some lane has
               its share of the tiles, and some lane as many components as there are slots
    V words  = sum over tiles of h of max(1, tiles of v of the gate with most / lanes)
    slots    = components / lanes of U
    wave    >= U words + slots, V words + slots of each part, of all pairs, with their overheads
    wave    >= of a pair: V words up to a tile of h + take distance
               + tiles of u of the fullest lane from there on + slots, with the overhead

They never exceed what `cycles.wave_cycles` finds (``tests/exploration``).
"""

import numpy as np

from pynq_lstm.accelerator.design import LANES
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.exploration.overheads import overheads
from pynq_lstm.exploration.svd_space import SLOTS, TAKE_DISTANCE, U_LANES, V_LANES
from pynq_lstm.tiles import tile_count


def of_part(side, lists, counts):
    """What one part asks for.

    Parameters
    ----------
    side : str
    lists : list of dict of str to lists.Lists
        Of every pair.
    counts : list of ndarray, (prefixes,), int
        Components of each pair, for some prefixes.

    Returns
    -------
    ndarray, (prefixes, U lanes, V lanes), float64
        Cycles of a wave; inf where the components have no slots.
    """
    over, found, busy = overheads("svd"), 0.0, [0.0, 0.0]
    for own, count in zip(lists, counts):
        one = own[side]
        slots = _up(count[:, None], U_LANES)  # (prefixes, U)
        positions = np.maximum(_up(one.v[count][:, None], V_LANES[:, None]), 1)  # (.., V, tiles)
        last = positions.cumsum(axis=2)
        fullest = _fullest(one.components.u.any(axis=2), count, slots)  # (.., U, x tiles)
        u = np.where(fullest[:, :, 0] > 0, fullest[:, :, 0] + TAKE_DISTANCE, 0)
        u = np.maximum(u, one.tiles)
        busy[0] = busy[0] + u + slots + over.u
        busy[1] = busy[1] + last[:, None, :, -1] + slots[:, :, None] + over.v
        if side == "hidden":
            found = np.maximum(found, _feedback(fullest, slots, last) + over.feedback)
        none = np.where(slots > SLOTS, np.inf, 0.0)
        found = found + none[:, :, None]
    return np.maximum(np.maximum(busy[0][:, :, None], busy[1]), found)


def around(model, pairs, u_tile):
    """What the lanes do not change: Sigma's tiles, and x from memory.

    Parameters
    ----------
    model : CompressedModel
    pairs : list of Pair
    u_tile : int

    Returns
    -------
    float
    """
    tiles = sum(tile_count(pair.hidden, u_tile // 2) for pair in pairs)
    beats = LANES * tile_count(u_tile * (model.activation_bits // 8), BEAT)
    read = beats * sum(tile_count(pair.inputs, u_tile) for pair in pairs)
    return float(max(tiles + overheads("svd").sigma * len(pairs), read))


def _feedback(fullest, slots, last):
    """Without the overhead, (prefixes, U, V)."""
    rest = np.where(fullest > 0, fullest + TAKE_DISTANCE, 1)
    taken_by = np.minimum(2 * np.arange(fullest.shape[2]) + 1, last.shape[2] - 1)
    words = last[:, :, taken_by] - 1  # (prefixes, V, x tiles)
    sums = (words[:, None] + rest[:, :, None]).max(axis=3)
    return sums + slots[:, :, None]


def _fullest(present, count, slots):
    """Tiles of u from each tile on in the fullest lane, at least: (prefixes, U, x tiles).

    They are divided among the lanes, and some lane has as many components as there are slots.
    """
    from_on = np.cumsum(present[:, ::-1], axis=1)[:, ::-1]
    none = np.zeros((1, present.shape[1]), np.int64)
    found = []
    for n, own in zip(count, slots):
        lightest = np.concatenate([none, np.sort(from_on[:n], axis=0).cumsum(axis=0)])
        found.append(np.maximum(_up(lightest[-1], U_LANES[:, None]), lightest[own]))
    return np.stack(found)


def _up(amount, unit):
    return -(-amount // unit)
