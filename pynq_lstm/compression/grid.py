"""Vectors to integer codes with a scale of their own (that is NLQ on vectors)."""

import numpy as np

from pynq_lstm import overflow

# A smaller range than the maximum pays at 4 bits, where it refines every other element.
CLIPS = {8: (1.0,), 4: (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)}


def codes(vector, bits):
    """Codes q with the least squared error of `vector` against its best multiple of q.

    Parameters
    ----------
    vector : ndarray, (elements,), float
    bits : int
        8 or 4; codes are -127..127 or -7..7.

    Returns
    -------
    ndarray, (elements,), int8
    """
    top = (1 << (bits - 1)) - 1
    largest = np.abs(vector).max()
    if not largest > 0:
        return np.zeros(len(vector), np.int8)
    candidates = [
        np.clip(np.rint(vector * (top / (largest * clip))), -top, top) for clip in CLIPS[bits]
    ]
    return max(candidates, key=lambda q: (q @ vector) ** 2 / (q @ q)).astype(np.int8)


def limited(vectors, activation_bits):
    """Halve codes until no dot product can overflow (docs/numerics.md, section 5).

    Parameters
    ----------
    vectors : ndarray, (vectors, elements), int8
    activation_bits : int

    Returns
    -------
    vectors : ndarray, (vectors, elements), int8
    halved : ndarray, (vectors,), bool
        Those whose grid was coarsened.
    """
    codes = vectors.astype(np.int64)
    while True:
        wide = (np.abs(codes).sum(axis=1) << (activation_bits - 1)) > overflow.INT32_MAX
        if not wide.any():
            return codes.astype(np.int8), (codes != vectors).any(axis=1)
        codes[wide] = np.sign(codes[wide]) * (np.abs(codes[wide]) // 2)
