"""Where the elements of x stand in the hardware's tiles, and what each tile is made of.

u is cut anew at packing, so every piece of x starts where its source has its own tiles: a tile
that is an h comes whole from another LSTM, and codes of zero hide what does not belong to x.
"""

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

from pynq_lstm.errors import PlanError
from pynq_lstm.tiles import tile_count


@dataclass(frozen=True)
class Term:
    """What a lane adds to a tile of x.

    Attributes
    ----------
    shift : int
    external : tuple of int, optional
        Elements of the external input, one for each of the tile; -1 stands for zero.
    source : (pair, lane), optional
    tile : int
        Of the source's h.
    """

    shift: int
    external: Optional[Tuple[int, ...]] = None
    source: Optional[Tuple[int, int]] = None
    tile: int = 0


@dataclass(frozen=True, eq=False)
class Places:
    """The x of a pair in tiles.

    Attributes
    ----------
    element : ndarray, (inputs,), int64
        Place of each element of x among those of all tiles.
    tiles : tuple of (tuple of Term, tuple of Term)
        What the two lanes add up to each tile of x, external terms first.
    """

    element: np.ndarray
    tiles: Tuple[Tuple[Tuple[Term, ...], Tuple[Term, ...]], ...]


def place(pair, name, u_tile):
    """Lay out the x of a pair.

    Parameters
    ----------
    pair : Pair
    name : str
        Of the pair, for the errors.
    u_tile : int

    Returns
    -------
    Places

    Raises
    ------
    PlanError
        Sources of the same elements whose tiles do not align.
    """
    element = np.empty(pair.inputs, np.int64)
    tiles = []
    for begin, end in _pieces(pair):
        margin = _margin(pair, name, begin, end, u_tile)
        first = len(tiles)
        element[begin:end] = first * u_tile + margin + np.arange(end - begin)
        for n in range(tile_count(margin + end - begin, u_tile)):
            start = begin - margin + n * u_tile  # element at the tile's first place
            inside = range(max(start, begin), min(start + u_tile, end))
            tiles.append(
                tuple(
                    _external_terms(route, start, inside, u_tile)
                    + _hidden_terms(route, start, inside, u_tile)
                    for route in pair.routes
                )
            )
    return Places(element, tuple(tiles))


def _pieces(pair):
    """x cut where some h begins or ends; an external source can be cut anywhere."""
    cuts = {0, pair.inputs}
    for route in pair.routes:
        for segment in route:
            if segment.source is not None:
                cuts |= {segment.offset, segment.offset + segment.length}
    cuts = sorted(cuts)
    return list(zip(cuts, cuts[1:]))


def _covers(segment, inside):
    return segment.offset < inside.stop and inside.start < segment.offset + segment.length


def _margin(pair, name, begin, end, u_tile):
    """Places left free before a piece, so that it stands as in the tiles of its sources."""
    margins = {
        (segment.start + begin - segment.offset) % u_tile
        for route in pair.routes
        for segment in route
        if segment.source is not None and _covers(segment, range(begin, end))
    }
    if len(margins) > 1:
        raise PlanError(
            f"{name}.routes",
            (begin, end),
            f"elements whose sources stand at places {sorted(margins)} of their tiles",
            f"let sources start at multiples of {u_tile}, or give each LSTM a pair of its own",
        )
    return margins.pop() if margins else 0


def _external_terms(route, start, inside, u_tile):
    terms = []
    for segment in route:
        if segment.source is None and _covers(segment, inside):
            first = max(inside.start, segment.offset)
            last = min(inside.stop, segment.offset + segment.length)
            columns = [-1] * u_tile
            for place in range(first, last):
                columns[place - start] = segment.start + place - segment.offset
            terms.append(Term(segment.shift, tuple(columns)))
    return tuple(terms)


def _hidden_terms(route, start, inside, u_tile):
    return tuple(
        Term(
            segment.shift,
            source=segment.source,
            tile=(segment.start + start - segment.offset) // u_tile,
        )
        for segment in route
        if segment.source is not None and _covers(segment, inside)
    )
