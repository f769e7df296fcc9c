"""Float32 at the public surface to codes and back (docs/numerics.md, section 3)."""

import numpy as np

from pynq_lstm import numerics


class Codec:
    """The functions of this module for one model: what `calls.Calls` asks for.

    Parameters
    ----------
    model : CompressedModel
    """

    def __init__(self, model):
        self._model = model

    def to_codes(self, x, h, c, lengths):
        """As the function."""
        return to_codes(self._model, x, h, c, lengths)

    def x_codes(self, x):
        """As the function."""
        return x_codes(self._model, x)

    def state_codes(self, h, c):
        """As the function."""
        return state_codes(self._model, h, c)

    def from_codes(self, result):
        """As the function."""
        return from_codes(self._model, result)

    def hidden_values(self, codes):
        """As the function."""
        return hidden_values(self._model, codes)

    def state_values(self, h, c):
        """As the function."""
        return state_values(self._model, h, c)

    def saturated(self, clipped, result):
        """Values that left their range, by kind: in the conversion, and in the run."""
        return {**clipped, **result.saturated}


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
    codes, clipped = x_codes(model, x)
    if clipped:
        valid = np.arange(x[0].shape[1]) < lengths[:, None]
        clipped = x_codes(model, [a[valid] for a in x])[1]
    h, c, clipped_state = state_codes(model, h, c)
    return codes, h, c, {"x": clipped, "state": clipped_state}


def x_codes(model, x):
    """An input, of any leading axes, as codes, and how many values left their range."""
    bits = model.activation_bits
    codes = [numerics.quantise(a, scale, bits) for a, scale in zip(x, model.x_inverse_scale)]
    return [a for a, _ in codes], sum(count for _, count in codes)


def state_codes(model, h, c):
    """A state, of any leading axes, as codes: h, c, and how many values left their range."""
    bits, scale = model.activation_bits, 2.0**model.hidden_fraction_bits
    h = [one_state(a, scale, bits) for a in h]
    cell_scales = [2.0**fraction for fraction in model.cell_fraction_bits]
    c = [one_state(a, scale, numerics.CELL_BITS) for a, scale in zip(c, cell_scales)]
    return [a for a, _ in h], [a for a, _ in c], sum(count for _, count in h + c)


def one_state(array, scale, bits):
    """h or c of one LSTM as codes, and how many values left their range."""
    if not array.any():  # the usual start; a tenth of a short call would go into rounding zeros
        return np.zeros(array.shape, np.int64), 0
    return numerics.quantise(array, scale, bits)


def from_codes(model, result):
    """An `IntegerResult` as float32: out, h, c, lists over models."""
    return hidden_values(model, result.out), *state_values(model, result.h, result.c)


def hidden_values(model, codes):
    """Codes of h as float32, a list over models."""
    return [numerics.dequantise(a, model.hidden_fraction_bits) for a in codes]


def state_values(model, h, c):
    """Codes of h and c as float32, lists over models."""
    cells = [numerics.dequantise(a, bits) for a, bits in zip(c, model.cell_fraction_bits)]
    return hidden_values(model, h), cells
