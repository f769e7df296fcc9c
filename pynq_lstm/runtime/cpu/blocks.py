"""Block-diagonal parts for the kernels: present weights side by side, and what makes operands.

Row i of a gate has weights in the columns of residue i mod rank only. Their words stand side by
side, those of one residue after the other's, and every row is packed with its own words alone:
the matrix that `packing.pack` gets is `rank` times narrower than the part's.
"""

from typing import NamedTuple

import numpy as np

from pynq_lstm.runtime.cpu.packing import interleave

TOGETHER = 64  # codes of which operands are made at once: whole words of every residue
_PER_WORD = 4  # operands are 8-bit codes, whatever their bits
_CODES = 127  # largest weight that is multiplied
_HALF = 32767  # of a multiplier


class Operands(NamedTuple):
    """The fields of ``struct lstm_operands``.

    Attributes
    ----------
    multiplier : ndarray, (codes,), uint16
    halves : ndarray, (4 * codes,), uint8
    start : ndarray, (codes,), int32
    index : ndarray, (codes,), uint8
    plain : bool
        Whether a multiplier is larger than its halves can be.
    """

    rank: int
    multiplier: np.ndarray
    halves: np.ndarray
    start: np.ndarray
    index: np.ndarray  # type: ignore[assignment] # hides tuple.index
    shift: int
    sum_shift: int
    plain: bool


class Weights(NamedTuple):
    """Weights of both parts of a model in units of the accumulator that are as large as can be.

    Attributes
    ----------
    common : int
        The units are 2^common of the model's.
    input, hidden : ndarray, (4 * hidden, inputs), int8
    shifts : tuple of int
        Of the sums of either part.
    """

    common: int
    input: np.ndarray
    hidden: np.ndarray
    shifts: tuple


def weights_of(model, j):
    """`Weights` of model j.

    round((b + d 2^n) / 2^k) is round((floor(b / 2^n) + d) / 2^(k - n)) for n <= k, what rounds
    being part of b. And weights of few bits may be multiplied by what is left of n.
    """
    parts = model.input, model.hidden
    common = min(max(model.pre_shift[j], 0), *(part.sum_shift[j] for part in parts))
    scaled, shifts = [], []
    for part in parts:
        left = part.sum_shift[j] - common
        room = (_CODES // max(int(np.abs(part.w[j]).max()), 1)).bit_length() - 1
        scaled.append(part.w[j] << min(left, room))
        shifts.append(left - min(left, room))
    return Weights(common, *scaled, tuple(shifts))


def columns_of(inputs, rank):
    """The column that each place of a residue's words has, (residues, words * 4) int64.

    Word n of residue r has four columns k of rows 4n to 4n + 3 of a table in which k stands at
    (k // rank, k % rank): in each row the one whose ``row_index`` is r. -1 where there is none.
    """
    rows = np.arange(-(-inputs // (rank * _PER_WORD)) * _PER_WORD)
    columns = rank * rows + (np.arange(rank)[:, None] + rows) % rank
    return np.where(columns < inputs, columns, -1)


def own_weights(layout, w, rank):
    """w (4 * hidden, inputs) without the absent elements, (4, rows, words * 4) int8.

    Each row, one for a unit, with the columns of its residue.
    """
    hidden, inputs = len(w) // 4, w.shape[1]
    columns = columns_of(inputs, rank)[np.arange(hidden) % rank]
    padded = np.zeros((4, layout.padded(hidden), columns.shape[1]), np.int8)
    present = w.reshape(4, hidden, inputs)[:, np.arange(hidden)[:, None], columns]
    padded[:, :hidden] = np.where(columns < 0, 0, present)
    return padded


def operands(layout, part, j, sum_shift):
    """`Operands` of model j of a part."""
    rank, inputs, shift = part.rank, len(part.m[j]), part.m_shift[j]
    codes = -(-inputs // TOGETHER) * TOGETHER
    m = np.zeros(codes, np.int64)
    m[:inputs] = part.m[j]
    start = (1 << shift - 1 if shift > 0 else 0) - layout.offset * m
    plain = bool(m.max() > 2 * _HALF)
    halves = np.stack([m - m // 2, m // 2], axis=1).clip(0, _HALF).astype(np.int16)
    in_order = layout.in_quads(halves.T).T[:, None]
    columns = columns_of(codes, rank).reshape(rank, -1, _PER_WORD)
    index = columns[residues(layout, rank)].transpose(1, 0, 2).ravel() % TOGETHER
    return Operands(
        rank,
        m.astype(np.uint16),
        interleave(layout, in_order, codes // layout.lanes, True),
        layout.in_quads(start.astype(np.int32)),
        index.astype(np.uint8),
        shift,
        sum_shift,
        plain,
    )


def residues(layout, rank):
    """The order in which the residues' words stand side by side.

    As a pair of vectors has its rows: first those that the first vector wants, in its order.
    """
    return list(dict.fromkeys([*(layout.pair_order % rank), *range(rank)]))
