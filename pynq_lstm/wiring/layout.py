"""Where the boxes of a picture of layered nodes stand: columns from left to right.

Lengths are in units of the picture, x to the right and y downwards. After Sugiyama, Tagawa and
Toda, "Methods for visual understanding of hierarchical system structures", 1981: long edges get
a place in every column that they cross, neighbours in a column change places where that takes
crossings away, and all move towards what they are joined to as far as order and heights allow.
"""

from dataclasses import dataclass, field
from typing import List

SWEEPS = 12
GAP = 0.55  # between places of a column
THREAD = 0.12  # height of an edge that crosses a column


@dataclass(eq=False)
class Place:
    """A box in a column, or the place where an edge crosses it.

    Attributes
    ----------
    height : float
    column : int
    y : float
        Of the centre.
    before, after : list of (Place, float)
        Neighbours in the columns beside it, with the offset of the edge's other end from their
        centre.
    """

    height: float
    column: int = 0
    y: float = 0.0
    before: List = field(default_factory=list)
    after: List = field(default_factory=list)


@dataclass(eq=False)
class Edge:
    """From the middle of a box to a port of another, `offset` from the centre of that.

    Attributes
    ----------
    through : list of Place
        Where it crosses columns.
    """

    source: Place
    target: Place
    offset: float
    through: List[Place] = field(default_factory=list)


def arrange(places, edges):
    """Set column and y of places; sources come before what reads them.

    Parameters
    ----------
    places : list of Place
        In column 0, in the order that a column shows where nothing else decides.
    edges : list of Edge
        `through` is filled.

    Returns
    -------
    list of list of Place
        Columns.
    """
    late = True
    while late:
        late = [edge for edge in edges if edge.target.column <= edge.source.column]
        for edge in late:
            edge.target.column = edge.source.column + 1
    columns = [[] for _ in range(1 + max(place.column for place in places))]
    for place in places:
        columns[place.column].append(place)
    for edge in edges:
        _thread(edge, columns)
    _untangle(columns)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else columns[::-1]:
            _settle(column, [_wanted(p, p.before if forward else p.after) for p in column])
    return columns


def _thread(edge, columns):
    last = edge.source
    for number in range(edge.source.column + 1, edge.target.column):
        place = Place(THREAD, number)
        columns[number].append(place)
        edge.through.append(place)
        _join(last, place, 0.0)
        last = place
    _join(last, edge.target, edge.offset)


def _join(source, target, offset):
    source.after.append((target, offset))
    target.before.append((source, -offset))


def _untangle(columns):
    """Swap neighbours while that leaves fewer crossings, which ends as there are ever fewer."""
    index = {id(place): n for column in columns for n, place in enumerate(column)}
    swapped = True
    while swapped:
        swapped = False
        for column in columns:
            for n in range(len(column) - 1):
                a, b = column[n : n + 2]
                if _crossings(a, b, index) > _crossings(b, a, index):
                    column[n : n + 2] = b, a
                    index[id(a)], index[id(b)] = n + 1, n
                    swapped = True


def _crossings(above, below, index):
    """Between the edges of two places of a column."""
    before = [[index[id(p)] for p, _ in place.before] for place in (above, below)]
    after = [[(index[id(p)], port) for p, port in place.after] for place in (above, below)]
    return sum(a > b for first, second in (before, after) for a in first for b in second)


def _wanted(place, neighbours):
    """The y that makes its edges level, on average."""
    if not neighbours:
        return place.y
    return sum(other.y + offset for other, offset in neighbours) / len(neighbours)


def _settle(column, wanted):
    """The y nearest to the wanted ones, in the least squares, without overlap.

    Isotonic regression by pooling neighbours that stand in each other's way.
    """
    below, offsets = 0.0, []
    for place in column:
        offsets.append(below + place.height / 2)
        below += place.height + GAP
    pools = []  # mean and number of the values that stand together
    for want, offset in zip(wanted, offsets):
        pools.append((want - offset, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((m * a + n * b) / (m + n), m + n)]
    levels = [level for level, number in pools for _ in range(number)]
    for place, level, offset in zip(column, levels, offsets):
        place.y = level + offset
