"""Where the elements of x stand in the hardware's tiles, and what each tile is made of.

Weights are cut anew at packing, so every piece of x stands as its source does in its own tiles: a
tile that is an h comes whole from another LSTM, and codes of zero hide what does not belong to x.
"""

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

from pynq_lstm.errors import PlanError


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


def place(pair, name, u_tile, units):
    """Lay out the x of a pair.

    Parameters
    ----------
    pair : Pair
    name : str
        Of the pair, for the errors.
    u_tile : int
    units : sequence of ndarray, (hidden,), int64
        Of every pair of the plan: where its hidden units stand in its tiles of h.

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
        within = _within(pair, name, begin, end, u_tile, units)
        element[begin:end] = len(tiles) * u_tile + within
        for n in range(int(within.max()) // u_tile + 1):
            there = begin + np.flatnonzero(within // u_tile == n)
            inside = dict(zip((within[there - begin] % u_tile).tolist(), there.tolist()))
            tiles.append(
                tuple(
                    _external_terms(route, inside, u_tile)
                    + _hidden_terms(route, inside, u_tile, units)
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


def _covers(segment, first, last):
    return segment.offset < last and first < segment.offset + segment.length


def _within(pair, name, begin, end, u_tile, units):
    """Places of a piece's elements in its own tiles: as in those of its sources.

    An external source can be put anywhere.
    """
    found = []
    for route in pair.routes:
        for segment in route:
            if segment.source is not None and _covers(segment, begin, end):
                start = segment.start + begin - segment.offset
                own = units[segment.source[0]][start : start + end - begin]
                tile, rest = np.divmod(own, u_tile)
                found.append(np.unique(tile, return_inverse=True)[1] * u_tile + rest)
    if not found:
        return np.arange(end - begin)
    for other in found[1:]:
        if not np.array_equal(other, found[0]):
            raise PlanError(
                f"{name}.routes",
                (begin, end),
                f"elements whose sources stand at places {_first_places(found, u_tile)}"
                " of their tiles",
                f"let sources start at multiples of {u_tile}, or give each LSTM a pair of its own",
            )
    return found[0]


def _first_places(found, u_tile):
    return sorted({int(places[0]) % u_tile for places in found})


def _external_terms(route, inside, u_tile):
    """Terms from memory of a tile; `inside` are its elements of x, by their places in it."""
    terms = []
    for segment in route:
        covered = {
            place: segment.start + x - segment.offset
            for place, x in inside.items()
            if segment.offset <= x < segment.offset + segment.length
        }
        if segment.source is None and covered:
            columns = tuple(covered.get(place, -1) for place in range(u_tile))
            terms.append(Term(segment.shift, columns))
    return tuple(terms)


def _hidden_terms(route, inside, u_tile, units):
    """Terms from an h of a tile: the tile of the source in which the elements stand."""
    first = min(inside.values())
    return tuple(
        Term(
            segment.shift,
            source=segment.source,
            tile=int(units[segment.source[0]][segment.start + first - segment.offset]) // u_tile,
        )
        for segment in route
        if segment.source is not None and _covers(segment, first, first + 1)
    )
