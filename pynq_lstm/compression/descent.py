"""Block coordinate descent over all rank-1 components of one gate.

The error sum_j |W_j - sum_r s[r, j] u[r] v[r]^T|^2 is quadratic in each block: in one
vector u[r] or v[r], and in the scalars s of a model. A sweep minimises over every u in
turn, the scalars, every v in turn, and the scalars again, each step exactly, so that the
error never rises.
"""

import numpy as np

from pynq_lstm.compression.factors import Factors
from pynq_lstm.compression.half_sweep import half_sweep
from pynq_lstm.compression.images import Matrices, residual_images
from pynq_lstm.compression.line_search import LineSearch

# What rounding adds to the error, as a share of a component's energy: about twice what it takes
# off one vector of normal numbers.
NOISE = {8: 1e-4, 4: 2e-2}
WINDOW = 5  # sweeps over which the fall of the error is averaged
AGAIN = 2  # what is still to fall, at its present pace: that of a fall by the root of the sweeps


def descend(
    weights, start, tiles, bits, sweeping, step=lambda count: None, on_grid=False, rival=np.inf
):
    """Sweep until that lowers the error too little, or as often as is allowed.

    Between sweeps without a grid all vectors are moved on along their last change
    (`line_search`).

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
        An error to come below; the descent ends where its pace does not lead there in the sweeps
        that are left, or in `AGAIN` times those that it took.

    Returns
    -------
    factors : Factors
    errors : list of float
        Energy of what is left after each sweep; off the grid with the noise of `NOISE`.
    """
    bits, noise = (bits, 0.0) if on_grid else (None, NOISE[bits])
    matrices = Matrices(weights)
    across, search = matrices.turned(), LineSearch(matrices, noise)
    now, errors = start, []
    for _ in range(sweeping.sweeps):
        products, images = matrices.products(now.v), None
        if errors and not on_grid:
            now, images = search.moved_on(now, products, errors[-1])
        u, v, s = now.u, now.v, now.s
        if images is None:
            _, images = residual_images(matrices, u, v, s, noise, products)
        u, s, _ = half_sweep(images, u, v, s, tiles[0], bits, noise)
        left, images = residual_images(across, v, u, s, noise)
        v, s, fallen = half_sweep(images, v, u, s, tiles[1], bits, noise)
        now = Factors(u, v, s)
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
    left = min(sweeping.sweeps - len(errors), AGAIN * len(errors))
    hopeless = errors[-1] - pace * left > rival
    return pace <= sweeping.tolerance * errors[-1] or hopeless
