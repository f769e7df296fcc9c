"""What sharing vectors among the models gained over as many components of one model each."""

import numpy as np

from pynq_lstm.model import PARTS

LEAST = 5e-4  # share of the error below which a gain is none: it would round to 0.0 %


def report(problems, fitted):
    """Errors of the ways that were tried, for the provenance of a model.

    Parameters
    ----------
    problems : dict of ndarray, (4, models, inputs, units), float32
        By part: the weights.
    fitted : dict of list of joint.Fitted
        By part: what was found for each gate.

    Returns
    -------
    dict of str to float or str
        Relative errors over all weights, before s is rounded; with several models what sharing
        gained of the error of separate components at the same storage.
    """
    energies = [(g.astype(np.float64) ** 2).sum() for side in PARTS for g in problems[side]]
    gates = [gate for side in PARTS for gate in fitted[side]]

    def over_all(errors):
        return float(np.average(errors, weights=energies))

    best = over_all([gate.components.error for gate in gates])
    greedy = over_all([gate.greedy for gate in gates])
    found = {"relative error of the greedy solver": greedy}
    if problems["input"].shape[1] == 1:
        return found
    alone = over_all([gate.separate for gate in gates])
    gained = 1 - best / alone if alone > 0 else 0.0
    if gained > LEAST:
        text = f"{gained:.1%} less error than separate components at the same storage"
    else:
        text = "gained nothing over separate components at the same storage"
    return {**found, "relative error of separate components": alone, "sharing": text}
