"""Exported layers run one after another by the naive reference."""

import numpy as np

from pynq_lstm import reference
from pynq_lstm.runtime import conversion


def run_layers(models, x):
    """Codes of h of the last layer and the last h and c of all, as the naive model has them.

    Parameters
    ----------
    models : sequence of CompressedModel
        Each of one direction, or of a forward and a reverse one.
    x : ndarray, (batch, time, input), float32

    Returns
    -------
    out : ndarray, (batch, time, directions * hidden), float32
    h, c : ndarray, (layers * directions, batch, hidden), float32
    saturated : dict
    """
    h_last, c_last, saturated = [], [], {}
    for model in models:
        inputs = [np.ascontiguousarray(x[:, :: 1 - 2 * j]) for j in range(model.models)]
        lengths = np.full(len(x), x.shape[1])
        zero = [np.zeros((len(x), size), np.float32) for size in model.hidden_sizes]
        *codes, clipped = conversion.to_codes(model, inputs, zero, zero, lengths)
        result = reference.run(model, *codes, lengths, 1)
        out, h, c = conversion.from_codes(model, result)
        x = np.concatenate([part[:, :: 1 - 2 * j] for j, part in enumerate(out)], -1)
        h_last += h
        c_last += c
        for counts in (clipped, result.saturated):
            for kind, count in counts.items():
                saturated[kind] = saturated.get(kind, 0) + count
    return x, np.stack(h_last), np.stack(c_last), saturated
