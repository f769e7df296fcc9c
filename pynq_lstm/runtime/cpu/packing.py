"""Matrices of codes to the panels that the kernels multiply (``struct lstm_matrix``).

A panel is 2 or 4 vectors of rows. It keeps the words of its input in which any of its rows has a
weight, so that absent tiles cost nothing where the rows of a panel lack them together.
"""

from dataclasses import dataclass
from typing import List, NamedTuple

import numpy as np

WORD = 4  # bytes of an input word
_WHOLE, _HALF = 4, 2  # vectors of a panel
_PANEL_WORDS = 2  # what a panel costs besides its products, in words of a half


@dataclass(frozen=True)
class Layout:
    """``struct lstm_layout``: how a kernel wants its weights."""

    lanes: int
    adjacent8: int
    adjacent16: int
    offset: int
    scale_bits: int
    pair_order: np.ndarray

    @classmethod
    def of(cls, ffi, layout):
        """From the structure in C."""
        names = ("lanes", "adjacent8", "adjacent16", "offset", "scale_bits")
        lanes = layout.lanes
        order = np.frombuffer(ffi.buffer(layout.pair_order), np.uint8)[: 2 * lanes]
        return cls(*(getattr(layout, name) for name in names), order.astype(np.int64))

    def padded(self, rows):
        """`rows` up to whole pairs of vectors."""
        pair = 2 * self.lanes
        return -(-rows // pair) * pair

    def in_pairs(self, array):
        """Gate outputs along the last axis, a multiple of a pair, in the order of the kernel."""
        pair = 2 * self.lanes
        pairs = array.reshape(*array.shape[:-1], array.shape[-1] // pair, pair)
        return pairs[..., self.pair_order].reshape(array.shape)


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


def pack(layout, sections, wide):
    """Pack sections one below the other.

    Parameters
    ----------
    layout : Layout
    sections : list of list of Piece
        The pieces of a section have the same rows and stand side by side.
    wide : bool
        16-bit inputs; the weights are widened too.

    Returns
    -------
    Matrix
    """
    panels, runs, chunks, row, size = [], [], [], 0, 0
    half = _HALF * layout.lanes
    for section in sections:
        words = np.concatenate([_in_words(piece.weights, wide) for piece in section], axis=1)
        places = np.concatenate(
            [piece.word + np.arange(_words(piece.weights.shape[1], wide)) for piece in section]
        )
        present = words.any(axis=2).reshape(len(words) // half, half, words.shape[1]).any(axis=1)
        for first, halves in _cut(present):
            vectors, begin = halves * _HALF, first * half
            kept = np.flatnonzero(present[first : first + halves].any(axis=0))
            own = _runs(places[kept])
            panels.append((row + begin, vectors, len(runs), len(own), size))
            runs += own
            rows = words[begin : begin + vectors * layout.lanes, kept]
            chunks.append(_interleave(layout, rows, vectors, wide))
            size += len(chunks[-1])
        row += len(words)
    weights = np.concatenate(chunks) if chunks else np.empty(0, np.uint8)
    return Matrix(panels, runs, aligned(weights), row)


def _runs(words):
    """Ascending words to (first, count) of adjacent ones."""
    parts = np.split(words, np.flatnonzero(np.diff(words) > 1) + 1)
    return [(int(part[0]), len(part)) for part in parts if len(part)]


def _cut(present):
    """Halves of panels to panels: two are joined where that multiplies hardly more words."""
    for first in range(0, len(present), 2):
        pair = present[first : first + 2]
        together = 2 * pair.any(axis=0).sum()
        if len(pair) == 2 and together <= pair.sum() + _PANEL_WORDS:
            yield first, 2
        else:
            yield from ((first + k, 1) for k in range(len(pair)))


def _words(inputs, wide):
    return -(-inputs // inputs_per_word(wide))


def _in_words(weights, wide):
    """(rows, inputs) to (rows, words, inputs of a word), padded with zeros."""
    per_word, (rows, inputs) = inputs_per_word(wide), weights.shape
    words = _words(inputs, wide)
    padded = np.zeros((rows, words * per_word), np.int16 if wide else np.int8)
    padded[:, :inputs] = weights
    return padded.reshape(rows, words, per_word)


def _interleave(layout, words, vectors, wide):
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
