"""Systolic arrays for matrix-vector products: one for each gate of the input and hidden part.

An array is `groups` chains of `rows` elements. An element is a DSP that takes one x a cycle and
multiplies it with the weights of as many matrix rows as it packs (two of int8: they share x). The
chains share out the columns; an adder tree joins them. A pass takes rows x packed outputs through
all columns, and the next pass follows without a gap:

    cycles of an LSTM = ceil(hidden / (rows packed)) ceil(length / groups)
"""

from dataclasses import dataclass

import numpy as np

ARRAYS = 4  # of a part, one a gate
PIPELINE = 4  # registers of a DSP48E2 used as a multiplier with its sum


@dataclass(frozen=True)
class Part:
    """The four arrays of a part.

    Attributes
    ----------
    rows, groups : int
    packed : int
        Matrix rows of an element.
    lengths, hidden : tuple of int
        Columns of the matrices, and hidden units, of each LSTM.
    call : int
        Cycles that an LSTM adds: states around loops, drains.
    """

    rows: int
    groups: int
    packed: int
    lengths: tuple
    hidden: tuple
    call: int = 0

    @property
    def dsp(self):
        """Of all four arrays."""
        return ARRAYS * self.rows * self.groups

    @property
    def depths(self):
        """Words of weights of each LSTM, one a cycle."""
        outputs = self.rows * self.packed
        return tuple(
            _up(units, outputs) * _up(length, self.groups)
            for units, length in zip(self.hidden, self.lengths)
        )

    @property
    def cycles(self):
        """Of a step of all LSTMs, one after another."""
        return sum(self.depths) + self.call * len(self.hidden)

    @property
    def latency(self):
        """From the last x to the last sum: down a chain, through an element, up the tree."""
        return int(latency(self.rows, self.groups))

    def word_bits(self, bits):
        """Bits that all four arrays take a cycle."""
        return self.dsp * self.packed * bits

    def macs(self):
        """Of a step."""
        return sum(ARRAYS * u * n for u, n in zip(self.hidden, self.lengths))


def latency(rows, groups):
    """`Part.latency` of shapes, ndarrays or ints."""
    return rows + PIPELINE + np.ceil(np.log2(groups)).astype(int)


def shapes(most, rows, groups):
    """All (rows, groups) of arrays of at most so many elements, rows and groups: two ndarrays."""
    first = np.arange(1, min(most, rows) + 1)
    counts = np.minimum(most // first, groups)
    ends = np.cumsum(counts)
    return np.repeat(first, counts), np.arange(1, ends[-1] + 1) - np.repeat(ends - counts, counts)


def front(lengths, hidden, packed, dsp, call=0, waits=None):
    """Shapes of arrays, none of which is slower and takes as many DSPs as another.

    Every shape is looked at.

    Parameters
    ----------
    lengths, hidden : sequence of int
        Columns and hidden units of each LSTM.
    packed : int
    dsp : int
        The most of all four arrays.
    call : int
        Of the `Part`.
    waits : callable, optional
        ``waits(rows, groups)``, two ndarrays: cycles that a step takes at least. A shape's time
        is the more of these and its own.

    Returns
    -------
    list of Part
        More DSPs first, and so the fastest; empty where there is not a DSP for each array.
    """
    most = dsp // ARRAYS
    if most < 1:
        return []
    lengths, hidden = tuple(lengths), tuple(hidden)
    rows, groups = shapes(most, _up(max(hidden), packed), max(lengths))
    outputs = rows * packed
    cycles = sum(
        _up(units, outputs) * _up(length, groups) for units, length in zip(hidden, lengths)
    )
    cycles += call * len(hidden)
    if waits is not None:
        cycles = np.maximum(cycles, waits(rows, groups))
    order = np.lexsort((groups, rows, cycles, rows * groups))
    fastest = np.minimum.accumulate(cycles[order])
    kept = order[np.append(True, fastest[1:] < fastest[:-1])]
    chosen = zip(rows[kept].tolist(), groups[kept].tolist())
    return [Part(r, g, packed, lengths, hidden, call) for r, g in chosen][::-1]


def _up(amount, unit):
    return -(-amount // unit)
