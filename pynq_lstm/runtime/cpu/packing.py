"""Matrices of codes to the panels that the kernels multiply (``struct lstm_matrix``).

A panel is 2 to 8 vectors of rows. It keeps the words of its input in which any of its rows has a
weight, so that absent tiles cost nothing where the rows of a panel lack them together.
"""

from dataclasses import dataclass
from typing import List, NamedTuple

import numpy as np

WORD = 4  # bytes of an input word
_PAIR = 2  # vectors of the smallest panel
_PANEL_WORDS = 4  # what a panel costs besides its products, in words of a pair


@dataclass(frozen=True)
class Layout:
    """``struct lstm_layout``: how a kernel wants its weights."""

    lanes: int
    adjacent8: int
    adjacent16: int
    offset: int
    scale_bits: int
    panel_vectors: int
    pair_order: np.ndarray
    quad_order: np.ndarray

    @classmethod
    def of(cls, ffi, layout):
        """From the structure in C."""
        names = ("lanes", "adjacent8", "adjacent16", "offset", "scale_bits", "panel_vectors")
        orders = (layout.pair_order, layout.quad_order)
        return cls(
            *(getattr(layout, name) for name in names),
            *(
                np.array(list(order)[: vectors * layout.lanes])
                for order, vectors in zip(orders, (2, 4))
            ),
        )

    def padded(self, rows, vectors=2):
        """`rows` up to a multiple of so many vectors."""
        block = vectors * self.lanes
        return -(-rows // block) * block

    def in_pairs(self, array):
        """Gate outputs, or rows of 16-bit p, along the last axis in the order of the kernel."""
        return _in_order(array, self.pair_order)

    def in_quads(self, array):
        """Rows of 8-bit p along the last axis in the order of the kernel."""
        return _in_order(array, self.quad_order)


def _in_order(array, order):
    blocks = array.reshape(*array.shape[:-1], array.shape[-1] // len(order), len(order))
    return blocks[..., order].reshape(array.shape)


class Piece(NamedTuple):
    """Rows of weights, a multiple of a pair of vectors, and where in the input theirs begins.

    Attributes
    ----------
    weights : ndarray, (rows, inputs), int8
    word : int
    """

    weights: np.ndarray
    word: int


class Matrix(NamedTuple):
    """The fields of ``struct lstm_matrix``.

    Attributes
    ----------
    panels : list of tuple of int
        As ``struct lstm_panel``.
    runs : list of tuple of int
        As ``struct lstm_run``.
    weights : ndarray, (bytes,), uint8
    rows : int
    """

    panels: List[tuple]
    runs: List[tuple]
    weights: np.ndarray
    rows: int


def inputs_per_word(wide):
    """Codes of 16 bits, or of 8, in a word."""
    return 2 if wide else 4


def pack(layout, sections, wide, smallest=_PAIR):
    """Pack sections one below the other.

    Parameters
    ----------
    layout : Layout
    sections : list of list of Piece
        The pieces of a section have the same rows and stand side by side.
    wide : bool
        16-bit inputs; the weights are widened too.
    smallest : int
        Vectors of the smallest panel; the rows are a multiple of them.

    Returns
    -------
    Matrix
    """
    panels, runs, chunks, row, size = [], [], [], 0, 0
    pair = _PAIR * layout.lanes
    for section in sections:
        words = np.concatenate([_in_words(piece.weights, wide) for piece in section], axis=1)
        places = np.concatenate(
            [piece.word + np.arange(_words(piece.weights.shape[1], wide)) for piece in section]
        )
        present = words.any(axis=2).reshape(len(words) // pair, pair, words.shape[1]).any(axis=1)
        for first, pairs in _cut(present, layout.panel_vectors // _PAIR, smallest // _PAIR):
            vectors, begin = pairs * _PAIR, first * pair
            kept = np.flatnonzero(present[first : first + pairs].any(axis=0))
            own = _runs(places[kept])
            panels.append((row + begin, vectors, len(runs), len(own), size))
            runs += own
            rows = words[begin : begin + vectors * layout.lanes, kept]
            chunks.append(interleave(layout, rows, vectors, wide))
            size += len(chunks[-1])
        row += len(words)
    weights = np.concatenate(chunks) if chunks else np.empty(0, np.uint8)
    return Matrix(panels, runs, aligned(weights), row)


def _runs(words):
    """Words to (first, count) of those that follow one another."""
    parts = np.split(words, np.flatnonzero(np.diff(words) != 1) + 1)
    return [(int(part[0]), len(part)) for part in parts if len(part)]


def _cut(present, most, least):
    """Pairs of vectors to panels of at most `most` pairs, halved where that multiplies fewer words.

    Yields
    ------
    first, pairs : int
        Pairs a multiple of `least`.
    """
    for first in range(0, len(present), most):
        yield from _halve(present[first : first + most], first, least)


def _halve(present, first, least):
    count = len(present)
    half = -(-count // (2 * least)) * least
    parts = present[:half], present[half:]
    together = count * present.any(axis=0).sum()
    apart = sum(len(part) * part.any(axis=0).sum() for part in parts)
    if half == count or together <= apart + _PANEL_WORDS:
        yield first, count
    else:
        yield from _halve(parts[0], first, least)
        yield from _halve(parts[1], first + half, least)


def _words(inputs, wide):
    return -(-inputs // inputs_per_word(wide))


def _in_words(weights, wide):
    """(rows, inputs) to (rows, words, inputs of a word), padded with zeros."""
    per_word, (rows, inputs) = inputs_per_word(wide), weights.shape
    words = _words(inputs, wide)
    padded = np.zeros((rows, words * per_word), np.int16 if wide else np.int8)
    padded[:, :inputs] = weights
    return padded.reshape(rows, words, per_word)


def interleave(layout, words, vectors, wide):
    """(vectors * lanes, words, inputs of a word) to bytes in the order of the kernel."""
    adjacent = layout.adjacent16 if wide else layout.adjacent8
    cut = words.reshape(vectors, layout.lanes, words.shape[1], words.shape[2] // adjacent, adjacent)
    return np.ascontiguousarray(cut.transpose(2, 0, 3, 1, 4)).reshape(-1).view(np.uint8)


def aligned(array):
    """A copy that begins a cache line."""
    line = 64
    room = np.empty(array.nbytes + line, np.uint8)
    begin = -room.ctypes.data % line
    copy = room[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
