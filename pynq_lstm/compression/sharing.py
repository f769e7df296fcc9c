"""What sharing vectors among the models gained over SVD1 at the same stored words."""

import numpy as np

from pynq_lstm.model import PARTS

LEAST = 5e-4  # share of the error below which a gain is none: it would round to 0.0 %


def report(problems, fitted):
    """Errors of the ways that were tried, for the provenance of a model.

    Parameters
    ----------
    problems : dict of list of ndarray, (models, inputs, units), float32
        By part: the weights of each list of components.
    fitted : dict of list of joint.Fitted
        By part: what was found for each list.

    Returns
    -------
    dict of str to float or str
        Relative errors over all weights, before s is rounded; with several models what sharing
        gained of the error of separate components at the same storage, or lost.
    """
    energies = [(w.astype(np.float64) ** 2).sum() for side in PARTS for w in problems[side]]
    lists = [found for side in PARTS for found in fitted[side]]

    def over_all(errors):
        return float(np.average(errors, weights=energies))

    best = over_all([found.components.error for found in lists])
    greedy = over_all([found.greedy for found in lists])
    told = {"relative error of greedy components": greedy}
    if len(problems["input"][0]) == 1:
        return told
    alone = over_all([found.apart for found in lists])
    gained = 1 - best / alone if alone > 0 else 0.0
    if gained > LEAST:
        text = f"{gained:.1%} less error than separate components at the same storage"
    elif best - alone > LEAST * best:
        more = f"{best / alone - 1:.1%} more error" if alone > 0 else "all of the error more"
        text = f"lost: {more} than separate components at the same storage"
    else:
        text = "gained nothing over separate components at the same storage"
    return {**told, "relative error of separate components": alone, "sharing": text}
