"""Intervals of measured shares."""

import math


def wilson(successes, trials, z=1.96):
    """Wilson's score interval of a share.

    Parameters
    ----------
    successes, trials : int
    z : float
        1.96 gives 95 %.

    Returns
    -------
    low, high : float
        Percent.
    """
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return 100 * (centre - reach), 100 * (centre + reach)
