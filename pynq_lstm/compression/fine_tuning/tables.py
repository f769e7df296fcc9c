"""Gates and cell as look-up tables of torch, made of the functions of `numerics`.

A table has an entry for every int16 code, so that a step of training needs one look-up where
docs/numerics.md (sections 6 and 7) has segments, roundings and widths.
"""

from functools import lru_cache

import numpy as np
import torch

from pynq_lstm import numerics
from pynq_lstm.numerics import PRE_FRACTION_BITS, SIGMA_FRACTION_BITS

CODES = 1 << 16
FIRST = -(CODES >> 1)  # the code of entry 0


@lru_cache(maxsize=32)
def gates(gate_bits, cell_fraction_bits, device):
    """Gate outputs by code of pre: sigmoid's 65,536 entries, then tanh's.

    Returns
    -------
    tensor, (131072,), int32
        i, f and o in 2^-15; g on the grid of c, as step 2 of the cell has it.
    """
    pre = np.arange(FIRST, -FIRST)
    sigmoid = numerics.narrow(numerics.sigmoid(pre), gate_bits)
    tanh = numerics.narrow(numerics.tanh(pre), gate_bits)
    g = numerics.round_shift(tanh, SIGMA_FRACTION_BITS - cell_fraction_bits)
    return _tensor(np.concatenate([sigmoid, g]), np.int32, device)


@lru_cache(maxsize=32)
def slopes(device):
    """Derivatives of both curves by code of pre, (131072,) float32; 0 where pre saturates."""
    v = np.ldexp(np.arange(FIRST, -FIRST, dtype=np.float64), -PRE_FRACTION_BITS)
    s, t = 1 / (1 + np.exp(-v)), np.tanh(v)
    curves = np.stack([s * (1 - s), 1 - t * t])
    curves[:, [0, -1]] = 0
    return _tensor(curves.reshape(-1), np.float32, device)


@lru_cache(maxsize=32)
def cell_tanh(cell_fraction_bits, device):
    """tanh(c) in 2^-15 by code of c, (65536,) int32: step 4 of the cell."""
    c = np.arange(FIRST, -FIRST)
    argument = numerics.requantise(c, cell_fraction_bits - PRE_FRACTION_BITS, numerics.PRE_BITS)
    return _tensor(numerics.tanh(argument), np.int32, device)


def _tensor(array, dtype, device):
    return torch.from_numpy(array.astype(dtype)).to(device)
