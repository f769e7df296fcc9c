"""What is told of repeated timings: medians, and ratios pair by pair."""

from math import comb

import numpy as np

CONFIDENCE = 0.95


def median_interval(values):
    """Interval of the median from order statistics, of at least 95 % where there are enough values.

    Parameters
    ----------
    values : array-like
        At least one; fewer than six do not reach 95 %, and give their whole range.

    Returns
    -------
    list of two floats
    """
    ordered = np.sort(np.asarray(values, float))
    count, outside, rank = len(ordered), 0.0, 0
    # the median lies below the (rank + 1)-th smallest with the probability `outside`
    while rank < count // 2:
        outside += comb(count, rank) / 2**count
        if outside > (1 - CONFIDENCE) / 2:
            break
        rank += 1
    low = max(rank - 1, 0)
    return [float(ordered[low]), float(ordered[count - 1 - low])]


def summary(values):
    """Median, minimum and 10th percentile, by name."""
    return {
        "median": float(np.median(values)),
        "minimum": float(np.min(values)),
        "p10": p10(values),
    }


def p10(values):
    """10th percentile."""
    return float(np.percentile(values, 10))


def pairwise(theirs, ours):
    """How many times faster ours is.

    Parameters
    ----------
    theirs, ours : array-like, (rounds,)
        Times of the same rounds.

    Returns
    -------
    ratio : float
        Median over the rounds of theirs / ours.
    interval : list of two floats
        95 %.
    """
    ratios = np.asarray(theirs, float) / np.asarray(ours, float)
    return float(np.median(ratios)), median_interval(ratios)
