"""What the image holds for the block-diagonal engine: columns and words of every LSTM.

A tile of h is of `units` hidden units whose numbers have one residue modulo the rank, so that
they are present in the same columns. A word is the weights of one tile, the four gates, in
`columns` columns of that class: nothing in it is absent but what fills up the last of a class.
"""

import struct
from dataclasses import dataclass

import numpy as np

from pynq_lstm import block_mask
from pynq_lstm.accelerator.design_common import BEAT, GATES
from pynq_lstm.accelerator.packing import banks, capacity
from pynq_lstm.accelerator.packing.records import beats
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

NO_BANK = 255
PREFIX = 1  # every prefix is the whole


@dataclass(frozen=True)
class PartProgram:
    """One part of a program.

    Attributes
    ----------
    column_start, word_start : int
        First records.
    words, groups : int
        Of a step, and of a tile of h.
    rank, sum_shift : int
    """

    column_start: int
    word_start: int
    words: int
    groups: int
    rank: int
    sum_shift: int


@dataclass(frozen=True)
class Program:
    """The words of one LSTM."""

    pair: int
    prefix: int
    input: PartProgram
    hidden: PartProgram

    def packed(self):
        """Its two beats."""
        return b"".join(
            struct.pack(
                "<8H",
                part.column_start,
                part.word_start,
                part.words,
                part.groups,
                part.rank,
                part.sum_shift,
                self.prefix,
                0,
            )
            for part in (self.input, self.hidden)
        )


def unit_places(pair, design):
    """Where the hidden units of a pair stand among those of its tiles of h.

    Unit r + rank a has residue r; tiles have `units` units of one residue each, those of all
    residues one after another. The larger rank of the two parts divides by the smaller one.

    Returns
    -------
    ndarray, (hidden,), int64
    """
    rank = max(getattr(pair.model, side).rank for side in PARTS)
    unit = np.arange(pair.hidden)
    group, place = np.divmod(unit // rank, design.units)
    return (group * rank + unit % rank) * design.units + place


def shifts(part, j):
    """The shift of p of LSTM `j`."""
    return part.m_shift[j]


def words(plan, design, layouts, places):
    """Programs and sections, as in `svd.words`."""
    made = []
    stored = {(side, kind): [] for side in PARTS for kind in ("tiles", "words")}
    for k, pair in enumerate(plan.pairs):
        columns = {"input": places[k].element, "hidden": layouts[k].units}
        tiles = {"input": layouts[k].x_tiles, "hidden": layouts[k].h_tiles}
        parts = []
        for side in PARTS:
            packed = _pack_part(pair, k, side, columns[side], tiles[side], layouts[k], design)
            starts = [sum(map(len, stored[side, kind])) for kind in ("tiles", "words")]
            for kind, rows in zip(("tiles", "words"), packed.rows):
                stored[side, kind].append(rows)
            parts.append(PartProgram(*starts, len(packed.rows[1]), *packed.numbers))
        made.append(Program(k, PREFIX, *parts))
    usage = {}
    for side, kind in stored:
        used, room = sum(map(len, stored[side, kind])), getattr(getattr(design, side), kind)
        capacity.check_block_records(f"{side} {kind}", used, room, design)
        usage[f"{side}.{kind}"] = used, room
    return made, [np.concatenate(rows) for rows in stored.values()], usage


@dataclass(frozen=True, eq=False)
class _Packed:
    rows: tuple  # records of columns, of weights
    numbers: tuple  # groups, rank, sum_shift


def _pack_part(pair, k, side, place, tiles, layout, design):
    """Records of one part of an LSTM; `place` is where each of its columns stands in the tiles."""
    part, j = getattr(pair.model, side), pair.members[0]
    w, m = part.w[j], part.m[j]
    count = w.shape[1]
    place = place[:count]
    kept = block_mask.row_index(np.arange(count), part.rank)
    order = np.argsort(kept, kind="stable")
    within = np.empty(count, np.int64)  # number of a column in its class
    sizes = np.bincount(kept, minlength=part.rank)
    within[order] = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    groups = max(tile_count(int(sizes.max()), design.columns), 1)
    rows = kept * groups + within // design.columns
    capacity.check_rows(k, side, groups * part.rank, design)
    bank = banks.choose(place // design.units, rows, design.columns)
    records = _column_records(place, m, bank, rows, tiles, design)
    return _Packed(
        (records, _weight_records(w, rows, bank, groups, part.rank, layout, design)),
        (groups, part.rank, part.sum_shift[j]),
    )


def _column_records(place, m, bank, rows, tiles, design):
    """(tiles, beats, 16): m, bank and row of every element."""
    kind = np.dtype([("m", "<u2"), ("bank", "u1"), ("row", "u1")])
    elements = np.zeros(tiles * design.units, kind)
    elements["bank"] = NO_BANK
    elements["m"][place], elements["bank"][place], elements["row"][place] = m, bank, rows
    return beats(elements.reshape(tiles, design.units).view(np.uint8))


def _weight_records(w, rows, bank, groups, rank, layout, design):
    """(words, beats, 16): the codes of a word are [column][gate][unit]."""
    hidden = len(layout.units)
    codes = np.zeros((layout.h_tiles, groups, design.columns, GATES, design.units), np.int8)
    tile, unit = np.divmod(layout.units, design.units)
    by_gate = w.reshape(GATES, hidden, -1)
    for column in range(w.shape[1]):
        present = np.flatnonzero(tile % rank == rows[column] // groups)
        values = by_gate[:, present, column].T  # of each unit the gates
        codes[tile[present], rows[column] % groups, bank[column], :, unit[present]] = values
    flat = codes.reshape(layout.h_tiles * groups, -1)
    if design.weight_bits == 4:
        flat = np.pad(flat, ((0, 0), (0, flat.shape[1] % 2)))
        flat = (flat[:, ::2] & 15) | (flat[:, 1::2] << 4)
    assert design.word_beats == tile_count(flat.shape[1], BEAT)
    return beats(np.ascontiguousarray(flat).view(np.uint8))
