"""Words of the U unit: which tile of which component every lane multiplies in every cycle.

Lanes step together. A word may take the next tile of x, which lanes may use `distance` words
later. Takes come `pace` words apart, the rate at which tiles arrive, as long as no lane has to
wait for that; earlier where the words are few. Within that each lane works through its tiles as
they come, which no other order can end sooner.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class USchedule:
    """A list of words, and where each component is summed.

    Attributes
    ----------
    words, slots : int
    takes : ndarray, (x tiles,), int64
        Word that takes each tile.
    lane, slot : ndarray, (components,), int64
        Place of each component's sum.
    word, component, tile : ndarray, (items,), int64
        The products: the lane of `component` works on `tile` in `word`.
    bound : int
        These lanes need as many words at least: one a tile of x, and those of the fullest lane
        after `distance` words without any.
    """

    words: int
    slots: int
    takes: np.ndarray
    lane: np.ndarray
    slot: np.ndarray
    word: np.ndarray
    component: np.ndarray
    tile: np.ndarray
    bound: int


def schedule(present, lanes, distance, pace):
    """Schedule some components.

    Parameters
    ----------
    present : ndarray, (components, x tiles), bool
        Tiles of u with a code.
    lanes, distance, pace : int

    Returns
    -------
    USchedule
    """
    tiles = present.shape[1]
    lane, slot = assign(present.sum(axis=1), lanes)
    load = np.zeros((lanes, tiles), np.int64)
    np.add.at(load, lane, present)
    takes = _takes(load, pace)
    words, placed = int(takes[-1]) + 1, []
    fullest = int(load.sum(axis=1).max())
    for k in range(lanes):
        own = np.flatnonzero(lane == k)
        tile, component = np.nonzero(present[own].T)  # tile after tile
        order = np.arange(len(tile))
        word = np.maximum.accumulate(takes[tile] + distance - order) + order
        placed.append(np.stack([word, own[component], tile]))
        words = max(words, int(word.max(initial=-1)) + 1)
    word, component, tile = np.concatenate(placed, axis=1)
    return USchedule(
        words=words,
        slots=int(slot.max(initial=0)) + 1,
        takes=takes,
        lane=lane,
        slot=slot,
        word=word,
        component=component,
        tile=tile,
        bound=max(fullest + distance if fullest else 0, tiles),
    )


def assign(tiles, lanes):
    """Give components to lanes: as few slots as possible, then as even a load as the largest
    first, each to the emptiest lane, gives.

    Parameters
    ----------
    tiles : ndarray, (components,), int
        Work of each component.
    lanes : int

    Returns
    -------
    lane, slot : ndarray, (components,), int64
    """
    slots = -(-len(tiles) // lanes)
    load, used = [0] * lanes, [0] * lanes
    lane, slot = np.zeros((2, len(tiles)), np.int64)
    for component in np.argsort(-np.asarray(tiles), kind="stable"):
        free = [k for k in range(lanes) if used[k] < slots]
        k = min(free, key=lambda k: (load[k], used[k]))
        lane[component], slot[component] = k, used[k]
        load[k] += int(tiles[component])
        used[k] += 1
    return lane, slot


def _takes(load, pace):
    """Word that takes each tile; `load` is (lanes, tiles).

    A lane needs a tile when it is through with those before; the fullest one sets the time.
    """
    total = load.sum(axis=1)
    after = load[:, ::-1].cumsum(axis=1)[:, ::-1].max(axis=0)  # items from this tile on
    wanted = total.max() - after
    takes = np.empty(len(wanted), np.int64)
    last = -1
    for tile, latest in enumerate(wanted):
        last = takes[tile] = max(last + 1, min(pace * tile, int(latest)))
    return takes
