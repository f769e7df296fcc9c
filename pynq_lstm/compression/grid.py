"""Vectors to integer codes with a scale of their own (that is NLQ on vectors)."""

import numpy as np

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
