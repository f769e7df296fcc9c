"""Words of the V unit: which components each gate's lanes multiply for every tile of h."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class VSchedule:
    """A list of words, tile after tile of h.

    Attributes
    ----------
    words : int
    positions : ndarray, (h tiles,), int64
        Words of each tile: at least one, since a tile of sums always leaves.
    word, lane, component, gate, tile : ndarray, (items,), int64
        The products: `lane` counts over those of all gates.
    """

    words: int
    positions: np.ndarray
    word: np.ndarray
    lane: np.ndarray
    component: np.ndarray
    gate: np.ndarray
    tile: np.ndarray


def schedule(present, lanes):
    """Schedule some components; a gate's lanes take them in their order.

    Parameters
    ----------
    present : ndarray, (components, gates, h tiles), bool
        Tiles of v with a code.
    lanes : int
        Of each gate.

    Returns
    -------
    VSchedule
    """
    most = present.sum(axis=0).max(axis=0, initial=0)
    positions = np.maximum(-(-most // lanes), 1)
    first = np.cumsum(positions) - positions
    rank = np.cumsum(present, axis=0) - 1
    component, gate, tile = np.nonzero(present)
    rank = rank[component, gate, tile]
    return VSchedule(
        words=int(positions.sum()),
        positions=positions,
        word=first[tile] + rank // lanes,
        lane=gate * lanes + rank % lanes,
        component=component,
        gate=gate,
        tile=tile,
    )
