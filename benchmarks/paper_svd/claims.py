"""What the slides claim, and what the points here say about it."""

from operator import attrgetter

import numpy as np

from pynq_lstm import fronts

ALLOWED = 0.5  # points of drop


def front(candidates, height="drop"):
    """Those that no other beats in both time and `height`, the fastest first."""
    return fronts.front(candidates, attrgetter("microseconds"), attrgetter(height))


def fastest(candidates, most, height="drop"):
    """The fastest with at most so much of `height`; None where there is none."""
    fit = [one for one in candidates if getattr(one, height) <= most]
    return min(fit, key=lambda one: (one.microseconds, getattr(one, height)), default=None)


def least(candidates, microseconds, height="drop"):
    """The least `height` within a time; None where there is none."""
    within = [getattr(one, height) for one in candidates if one.microseconds <= microseconds]
    return min(within, default=None)


def pairs(ours, others, height="drop"):
    """Every point of the other front with the fastest of ours that is no worse.

    Returns
    -------
    list of (Candidate, Candidate)
        Other, ours.
    """
    found = [(one, fastest(ours, getattr(one, height), height)) for one in front(others, height)]
    return [pair for pair in found if pair[1] is not None]


def time_ratio(ours, others, height="drop"):
    """How much longer the other system takes for the same: median and largest over its front."""
    ratios = [other.microseconds / own.microseconds for other, own in pairs(ours, others, height)]
    return (float(np.median(ratios)), max(ratios)) if ratios else (None, None)
