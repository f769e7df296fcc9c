"""Which bank of operands each column of a part goes to: no two in a tile, no two in a row.

A tile of x brings its elements in one cycle, one a bank; a word of weights meets a row, one
column a bank. Tiles and rows are the two sides of a bipartite graph whose edges are the columns,
banks the colours of its edges: as many do as the largest row or tile has columns (Koenig 1916).
"""

import numpy as np


def choose(tile, row, banks):
    """A bank for each column.

    Parameters
    ----------
    tile, row : ndarray, (columns,), int
        Of each column; no tile and no row has more than `banks`.
    banks : int

    Returns
    -------
    ndarray, (columns,), int64
    """
    sides = [np.asarray(tile), np.asarray(row)]
    taken = [np.full((int(side.max(initial=-1)) + 1, banks), -1) for side in sides]
    chosen = np.full(len(sides[0]), -1)
    for edge in range(len(chosen)):
        ends = [side[edge] for side in sides]
        free = [taken[s][ends[s]] < 0 for s in range(2)]
        both = np.flatnonzero(free[0] & free[1])
        if len(both):
            bank = int(both[0])
        else:  # swap two colours along the path from the row, after which the tile's is free there
            bank, other = (int(np.flatnonzero(f)[0]) for f in free)
            _swap(sides, taken, chosen, ends[1], bank, other)
        chosen[edge] = bank
        for s in range(2):
            taken[s][ends[s], bank] = edge
    return chosen


def _swap(sides, taken, chosen, start, first, second):
    """Swap colours on the path of `first` and `second` that begins at row `start`."""
    path, side, node, colour = [], 1, start, first
    for _ in range(len(chosen)):  # a path passes an edge once
        edge = taken[side][node, colour]
        if edge < 0:
            break
        path.append(edge)
        side = 1 - side
        node = sides[side][edge]
        colour = second if colour == first else first
    for edge in path:
        for s in range(2):
            taken[s][sides[s][edge], chosen[edge]] = -1
    for edge in path:
        chosen[edge] = second if chosen[edge] == first else first
        for s in range(2):
            taken[s][sides[s][edge], chosen[edge]] = edge
