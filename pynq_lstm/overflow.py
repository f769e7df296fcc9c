"""Proofs from the weights that no accumulator can overflow (docs/numerics.md, section 5).

The compressor uses them to choose grids, every constructed model repeats them.
A prefix of the components has smaller sums than the whole, so the whole is enough.
"""

import numpy as np

INT32_MAX = (1 << 31) - 1


def dot_bound(part, activation_bits):
    """Largest magnitude that any d = u . x of `part` can reach, over all inputs."""
    if not part.u.size:
        return 0
    magnitudes = np.abs(part.u.astype(np.int64)).sum(axis=1)
    return int(magnitudes.max()) << (activation_bits - 1)


def sum_bound(parts, p_bits, bias, pre_shift, hidden_size):
    """Largest magnitude that an accumulator of one model can reach, bias and rounding included.

    Parameters
    ----------
    parts : sequence of Part
        All parts that add to the same accumulator.
    p_bits : int
    bias : ndarray, (4 * hidden_size,), int
    pre_shift : int
    hidden_size : int
        Of the model; elements of v beyond it are not used.
    """
    sums = np.abs(np.asarray(bias, np.int64)).reshape(4, hidden_size)
    for part in parts:
        magnitudes = np.abs(part.v[:, :, :hidden_size].astype(np.int64)).sum(axis=0)
        sums = sums + (magnitudes << (p_bits - 1))
    return int(sums.max()) + (1 << max(pre_shift - 1, 0))
