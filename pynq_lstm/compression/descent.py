"""Block coordinate descent over all rank-1 components of one gate.

The error sum_j |W_j - sum_r s[r, j] u[r] v[r]^T|^2 is quadratic in each block: in one
vector u[r] or v[r], and in the scalars s of a model. A sweep minimises over every u in
turn, the scalars, every v in turn, and the scalars again, each step exactly, so that the
error never rises.
"""

import numpy as np

from pynq_lstm.compression.factors import Factors
from pynq_lstm.compression.half_sweep import half_sweep, images_after, refit, residual_images

# What rounding adds to the error, as a share of a component's energy: about twice what it takes
# off one vector of normal numbers.
NOISE = {8: 1e-4, 4: 2e-2}
WINDOW = 5  # sweeps over which the fall of the error is averaged
# Of the move along the last change: its length at first, after a failure, after a success.
REACH, SHRINK, LEAST, GROW = 1.0, 0.4, 0.1, 1.3


def descend(
    weights, start, tiles, bits, sweeping, step=lambda count: None, on_grid=False, rival=np.inf
):
    """Sweep until that lowers the error too little, or as often as is allowed.

    Between sweeps without a grid all vectors are moved on along their last change, which is
    kept where it lowers the error: a line search as in Rajih, Comon, Harshman, "Enhanced line
    search: a novel method to accelerate PARAFAC", SIAM J. Matrix Anal. Appl. 30 (2008), with
    one length tried. It takes a third to a half of the sweeps.

    Parameters
    ----------
    weights : ndarray, (models, inputs, units), float32
    start : Factors
        With the zero tiles that are asked for, and on the grid with codes.
    tiles : pair of Tiles
        Of u, of v.
    bits : int
        Of the codes, on the grid or later.
    sweeping : options.Sweeping
    step : callable
        Called with the sweeps that have passed; ``sweeping.sweeps`` in all.
    on_grid : bool
        Whether vectors are codes throughout.
    rival : float
        An error to come below; the descent ends where its pace does not lead there.

    Returns
    -------
    factors : Factors
    errors : list of float
        Energy of what is left after each sweep; off the grid with the noise of `NOISE`.
    """
    bits, noise = (bits, 0.0) if on_grid else (None, NOISE[bits])
    across = [w.T for w in weights]
    now, before, reach, errors = start, None, REACH, []
    for _ in range(sweeping.sweeps):
        images = None
        if before and not on_grid:
            ahead, images = _ahead(weights, now, before, reach, errors[-1], noise)
            reach = reach * GROW if images else max(reach * SHRINK, LEAST)
        if images:
            u, v, s = ahead.u, ahead.v, ahead.s
        else:
            u, v, s = now.u, now.v, now.s
            _, images = residual_images(weights, u, v, s, noise)
        u, s, _ = half_sweep(images, u, v, s, tiles[0], bits, noise)
        left, images = residual_images(across, v, u, s, noise)
        v, s, fallen = half_sweep(images, v, u, s, tiles[1], bits, noise)
        before, now = now, Factors(u, v, s)
        errors.append(left - fallen)
        step(1)
        if _settled(errors, sweeping, rival):
            break
    step(sweeping.sweeps - len(errors))
    return now, errors


def _settled(errors, sweeping, rival):
    if len(errors) <= WINDOW:
        return False
    pace = (errors[-1 - WINDOW] - errors[-1]) / WINDOW
    hopeless = errors[-1] - pace * (sweeping.sweeps - len(errors)) > rival
    return pace <= sweeping.tolerance * errors[-1] or hopeless


def _ahead(weights, now, before, reach, error, noise):
    """The factors further along their last change with s refitted, and their images.

    None for the images where the error is not below `error` there. Absent tiles stay absent.
    """
    vectors = []
    for new, old in ((now.u, before.u), (now.v, before.v)):
        ahead = new + new.dtype.type(reach) * (new - old) * (new != 0)
        norm = np.sqrt((ahead * ahead).sum(axis=1, keepdims=True))
        vectors.append(ahead / np.maximum(norm, np.finfo(ahead.dtype).tiny))
    left, images = residual_images(weights, *vectors, now.s, noise)
    s, fallen = refit(images, *vectors, now.s, noise)
    if not left - fallen < error:
        return now, None
    return Factors(*vectors, s), images_after(images, *vectors, s - now.s)
