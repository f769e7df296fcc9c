"""Route records: how the tiles of x are put together, a record a cycle."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.design import BEAT

MEMORY, HIDDEN = 1, 2  # kinds of a term; 0: nothing
FIRST_TERM, TERM_BYTES = 2, 5


@dataclass(frozen=True, eq=False)
class RouteRecords:
    """The route of one pair.

    Attributes
    ----------
    beats : ndarray, (records, 16), uint8
    external : ndarray, (records that take from memory, lanes, u_tile), int64
        Elements of each lane's external input, in the order in which memory holds them; -1
        stands for zero.
    """

    beats: np.ndarray
    external: np.ndarray


def route_records(places, design):
    """Records of one pair, tile after tile of x.

    Parameters
    ----------
    places : Places
    design : Design or BlockDesign

    Returns
    -------
    RouteRecords
    """
    beats, external, u_tile = [], [], design.u_tile
    for both in places.tiles:
        lanes = both[: design.lanes]
        count = max(len(terms) for terms in lanes)  # every tile has a term: x is covered
        for n in range(count):
            record = np.zeros(BEAT, np.uint8)
            record[0] = n == count - 1
            columns = np.full((design.lanes, u_tile), -1, np.int64)
            for lane, terms in enumerate(lanes):
                if n < len(terms):
                    first = FIRST_TERM + lane * TERM_BYTES
                    record[first : first + TERM_BYTES] = _term_bytes(terms[n])
                    if terms[n].external is not None:
                        columns[lane] = terms[n].external
            beats.append(record)
            if any(n < len(terms) and terms[n].external is not None for terms in lanes):
                external.append(columns)
    return RouteRecords(
        np.stack(beats), np.array(external, np.int64).reshape(len(external), design.lanes, u_tile)
    )


def _term_bytes(term):
    shift = term.shift & 0xFF
    if term.external is not None:
        return MEMORY, 0, 0, 0, shift
    return HIDDEN, *term.source, term.tile, shift
