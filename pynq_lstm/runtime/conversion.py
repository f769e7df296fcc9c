"""Float32 at the public surface to codes and back (docs/numerics.md, section 3)."""

import numpy as np

from pynq_lstm import numerics


def to_codes(model, x, h, c, lengths):
    """Quantise an input and a state.

    Parameters
    ----------
    model : CompressedModel
    x : list of ndarray, (batch, time, input), float32
    h, c : list of ndarray, (batch, hidden), float32
    lengths : ndarray, (batch,), int

    Returns
    -------
    x, h, c : list of ndarray, int64
    clipped : dict
        Values that left their range: "x", over valid steps, and "state".
    """
    bits, scales = model.activation_bits, model.x_inverse_scale
    codes = [numerics.quantise(a, scale, bits) for a, scale in zip(x, scales)]
    clipped = sum(count for _, count in codes)
    if clipped:
        valid = np.arange(x[0].shape[1]) < lengths[:, None]
        clipped = sum(numerics.quantise(a[valid], scale, bits)[1] for a, scale in zip(x, scales))
    hidden_scale = 2.0**model.hidden_fraction_bits
    h = [_state_codes(a, hidden_scale, bits) for a in h]
    cell_scales = [2.0**fraction for fraction in model.cell_fraction_bits]
    c = [_state_codes(a, s, numerics.CELL_BITS) for a, s in zip(c, cell_scales)]
    counts = {"x": clipped, "state": sum(count for _, count in h + c)}
    return *([a for a, _ in side] for side in (codes, h, c)), counts


def _state_codes(array, scale, bits):
    if not array.any():  # the usual start; a tenth of a short call would go into rounding zeros
        return np.zeros(array.shape, np.int64), 0
    return numerics.quantise(array, scale, bits)


def from_codes(model, result):
    """An `IntegerResult` as float32: out, h, c, lists over models."""
    out = [numerics.dequantise(a, model.hidden_fraction_bits) for a in result.out]
    h = [numerics.dequantise(a, model.hidden_fraction_bits) for a in result.h]
    c = [numerics.dequantise(a, bits) for a, bits in zip(result.c, model.cell_fraction_bits)]
    return out, h, c
