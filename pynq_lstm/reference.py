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
    components = _COMPONENTS[model.method]
    for part, inputs in ((model.input, x), (model.hidden, h)):
        for d, s, v in components(part, j, inputs, model.hidden_sizes[j], refinements):
            scaled = numerics.round_shift(d * s, part.s_shift[j])
            p = numerics.saturate(scaled, model.p_bits)
            saturated["p"] += int(np.count_nonzero(p != scaled))
            acc += p * v
    scaled = numerics.round_shift(acc, model.pre_shift[j])
    pre = numerics.saturate(scaled, numerics.PRE_BITS)
    saturated["pre"] += int(np.count_nonzero(pre != scaled))
    return pre


def _svd_components(part, j, inputs, size, refinements):
    """d (batch, 1), s and v (4 * hidden,) of one component after another."""
    for r in range(part.prefix(refinements)):
        u = part.u[r, : inputs.shape[1]].astype(np.int64)
        v = part.v[r, :, :size].astype(np.int64).reshape(4 * size)
        yield (inputs @ u)[:, None], int(part.s[r, j]), v


def _dense_components(part, j, inputs, size, refinements):
    """All at once: d (batch, 4 * hidden), s (4 * hidden,), and v, 1 at the e of each."""
    yield inputs @ part.w[j].astype(np.int64).T, part.s[j].astype(np.int64), 1


_COMPONENTS = {"svd": _svd_components, "dense": _dense_components}


def _cell(model, j, pre, c, saturated):
    """[7] Gates and state; returns the new h and c."""
    i, f, g, o = np.split(pre, 4, axis=1)
    fraction = model.cell_fraction_bits[j]
    i, f, o = numerics.sigmoid(i), numerics.sigmoid(f), numerics.sigmoid(o)
    g = numerics.round_shift(numerics.tanh(g), numerics.SIGMA_FRACTION_BITS - fraction)
    scaled = numerics.round_shift(f * c + i * g, numerics.SIGMA_FRACTION_BITS)
    c = numerics.saturate(scaled, numerics.CELL_BITS)
    saturated["c"] += int(np.count_nonzero(c != scaled))
    argument = numerics.requantise(c, fraction - numerics.PRE_FRACTION_BITS, numerics.PRE_BITS)
    h = numerics.round_shift(o * numerics.tanh(argument), numerics.SIGMA_FRACTION_BITS)
    h = numerics.requantise(h, 16 - model.activation_bits, model.activation_bits)
    return h, c
