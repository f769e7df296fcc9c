"""The best vector for a target: at most so many tiles of it, on the integer grid if asked for.

In block coordinate descent the error is separable in the elements of one vector while all
else stays, c |x - x*|^2 beyond a constant. So the tiles with the largest gain
|x*|^2 - |x* - Q(x*)|^2 are the optimum, and so is rounding element by element.
"""

import numpy as np

from pynq_lstm.compression import grid


def nearest(target, current, tiles, bits=None):
    """The vector closest to `target` among those that `tiles` and `bits` allow.

    On the grid the scale is free and its clipping point is searched, not solved for: where
    no candidate is closer than `current`, that one stays. So the distance never grows.

    Parameters
    ----------
    target : ndarray, (elements,), float
        The minimiser without pruning and rounding.
    current : ndarray, (elements,), float
        What stands there now, allowed itself; codes if `bits` is given.
    tiles : Tiles
    bits : int, optional
        8 or 4; None: no grid.

    Returns
    -------
    vector : ndarray, (elements,)
        Of norm 1, or of codes.
    scale : float
        ``scale * vector`` is the minimiser.
    """
    if bits is None:
        best = target * tiles.kept(target * target) if tiles.zero else target
        scale = float(np.sqrt(best @ best))
        return (best / scale, scale) if scale > 0 else (current, 1.0)
    top = (1 << (bits - 1)) - 1
    energy = target * target
    largest = np.abs(target[tiles.kept(energy)] if tiles.zero else target).max()
    best, best_gain, best_scale = current, _gain(target, energy, current).sum(), 1.0
    if not largest > 0:
        return best, best_scale
    for clip in grid.CLIPS[bits]:
        scale = float(largest) * clip / top
        codes = np.clip(np.rint(target / scale), -top, top)
        gain = _gain(target, energy, scale * codes)
        if tiles.zero:
            chosen = tiles.kept(gain)
            codes, gain = codes * chosen, gain * chosen
        if gain.sum() > best_gain and codes.any():
            best, best_gain, best_scale = codes, gain.sum(), scale
    return best, best_scale


def _gain(target, energy, found):
    """What taking `found` instead of nothing saves, element by element."""
    return energy - (target - found) ** 2
