"""Proofs from the weights that no accumulator can overflow (docs/numerics.md, section 5).

The compressor uses them to choose grids, every constructed model repeats them.
A prefix of the components has smaller sums than the whole, so the whole is enough.
"""

import numpy as np

INT32_MAX = (1 << 31) - 1


def dot_bound(part, activation_bits):
    """Largest magnitude that any d of `part` can reach, over all inputs.

    Codes of weights exclude the most negative value, so that their magnitudes fit their type.
    """
    return part.u_sum() << (activation_bits - 1)


def sum_bounds(parts, p_bits, biases, pre_shifts):
    """Largest magnitude that an accumulator of each model can reach, bias and rounding included.

    Parameters
    ----------
    parts : sequence of parts of one kind
        All parts that add to the same accumulators.
    p_bits : int
    biases : sequence of ndarray, (4 * hidden,), int
        One for each model; gate outputs beyond its size are not used.
    pre_shifts : sequence of int

    Returns
    -------
    list of int
    """
    reach = sum(part.v_sums() for part in parts) << (p_bits - 1)
    reach = np.broadcast_to(reach, (len(biases), *reach.shape[-2:]))  # one may stand for all
    bounds = []
    for bias, shift, most in zip(biases, pre_shifts, reach):
        own = np.abs(np.asarray(bias, np.int64)).reshape(4, -1)
        rounding = 1 << (shift - 1) if shift > 0 else 0
        bounds.append(int((own + most[:, : own.shape[1]]).max()) + rounding)
    return bounds
