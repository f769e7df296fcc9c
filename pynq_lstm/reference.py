"""The naive integer model: docs/numerics.md in NumPy, to be read beside it.

Every other implementation equals this one with a difference of 0 LSB. Sections
in brackets are those of the document.
"""

from dataclasses import dataclass
from typing import Dict, List

import numpy as np

from pynq_lstm import numerics

KINDS = ("x", "p", "pre", "c")  # what is counted when it saturates


@dataclass(frozen=True)
class IntegerResult:
    """What an integer back end returns.

    Attributes
    ----------
    out : list of ndarray, (batch, time, hidden), int
        One for each model; codes of h, zero beyond a sequence's length.
    h, c : list of ndarray, (batch, hidden), int
        State after the last valid step of each sequence.
    saturated : dict
        Values clipped, by kind ("p", "pre", "c").
    """

    out: List[np.ndarray]
    h: List[np.ndarray]
    c: List[np.ndarray]
    saturated: Dict[str, int]


def run(model, x, h, c, lengths, refinements, observe=None):
    """Run the first `refinements` refinements of every list over a batch of sequences.

    Parameters
    ----------
    model : CompressedModel
    x : list of ndarray, (batch, time, input), int
        Codes of x, one array for each model.
    h, c : list of ndarray, (batch, hidden), int
    lengths : ndarray, (batch,), int
    refinements : int
    observe : callable, optional
        Called as ``observe(model index, step, pre (batch, 4 * hidden))``.

    Returns
    -------
    IntegerResult
    """
    batch, time = x[0].shape[:2]
    saturated = dict.fromkeys(KINDS[1:], 0)
    out = [np.zeros((batch, time, size), np.int64) for size in model.hidden_sizes]
    h, c = [a.astype(np.int64) for a in h], [a.astype(np.int64) for a in c]
    for j in range(model.models):
        for t in range(time):
            live = np.flatnonzero(lengths > t)
            pre = _pre_activations(model, j, x[j][live, t], h[j][live], refinements, saturated)
            if observe is not None:
                observe(j, t, pre)
            h[j][live], c[j][live] = _cell(model, j, pre, c[j][live], saturated)
            out[j][live, t] = h[j][live]
    return IntegerResult(out, h, c, saturated)


def _pre_activations(model, j, x, h, refinements, saturated):
    """[4] Both parts into one accumulator, rounded once."""
    acc = np.tile(model.bias[j].astype(np.int64), (len(x), 1))
    sums = _SUMS[model.method]

    def scaled(d, s, shift):
        return _saturated("p", numerics.round_shift(d * s, shift), model.p_bits, saturated)

    for part, inputs in ((model.input, x), (model.hidden, h)):
        acc += sums(part, j, inputs, model.hidden_sizes[j], refinements, scaled)
    pre = numerics.round_shift(acc, model.pre_shift[j])
    return _saturated("pre", pre, numerics.PRE_BITS, saturated)


def _svd_sum(part, j, inputs, size, refinements, scaled):
    """What the components of a part add, one after another, (batch, 4 * hidden)."""
    total = np.zeros((len(inputs), 4 * size), np.int64)
    for r in range(part.prefix(refinements)):
        u = part.u[r, : inputs.shape[1]].astype(np.int64)
        v = part.v[r, :, :size].astype(np.int64).reshape(4 * size)
        total += scaled((inputs @ u)[:, None], int(part.s[r, j]), part.s_shift[j]) * v
    return total


def _dense_sum(part, j, inputs, size, refinements, scaled):
    """The p of the rows, (batch, 4 * hidden)."""
    return scaled(
        inputs @ part.w[j].astype(np.int64).T, part.s[j].astype(np.int64), part.s_shift[j]
    )


def _block_diagonal_sum(part, j, inputs, size, refinements, scaled):
    """The products of w with the p of the input's elements, (batch, 4 * hidden)."""
    p = scaled(inputs, part.m[j].astype(np.int64), part.m_shift[j])
    return (p @ part.w[j].astype(np.int64).T) << part.sum_shift[j]


_SUMS = {"svd": _svd_sum, "dense": _dense_sum, "block_diagonal": _block_diagonal_sum}


def _cell(model, j, pre, c, saturated):
    """[7] Gates and state; returns the new h and c."""
    i, f, g, o = np.split(pre, 4, axis=1)
    fraction = model.cell_fraction_bits[j]
    i, f, o = (numerics.narrow(numerics.sigmoid(v), model.gate_bits) for v in (i, f, o))
    g = numerics.narrow(numerics.tanh(g), model.gate_bits)
    g = numerics.round_shift(g, numerics.SIGMA_FRACTION_BITS - fraction)
    coarser = numerics.CELL_BITS - model.cell_bits
    c = numerics.round_shift(f * c + i * g, numerics.SIGMA_FRACTION_BITS + coarser)
    c = _saturated("c", c, model.cell_bits, saturated) << coarser
    argument = numerics.requantise(c, fraction - numerics.PRE_FRACTION_BITS, numerics.PRE_BITS)
    h = numerics.round_shift(o * numerics.tanh(argument), numerics.SIGMA_FRACTION_BITS)
    h = numerics.requantise(h, 16 - model.activation_bits, model.activation_bits)
    return h, c


def _saturated(kind, v, bits, saturated):
    """[2] sat, and what it clipped counted [8]."""
    kept = numerics.saturate(v, bits)
    saturated[kind] += int(np.count_nonzero(kept != v))
    return kept
