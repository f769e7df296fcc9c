"""What sharing vectors among the models gained over SVD1 at the same stored words."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from pynq_lstm.compression.separate import at_words, words_of
from pynq_lstm.compression.svd import scaled
from pynq_lstm.model import PARTS

LEAST = 5e-4  # share of the error below which a gain is none: it would round to 0.0 %


def report(problems, fitted, asked, network, options):
    """Errors of the ways that were tried, for the provenance of a model.

    Parameters
    ----------
    problems : dict of list of ndarray, (models, inputs, units), float32
        By part: the weights of each list of components.
    fitted : dict of list of joint.Fitted
        By part: what was found for each list.
    asked : dict of sequence of PartOptions
        By part: of each list.
    network : Network
        Whose LSTMs are the models.
    options : SvdOptions

    Returns
    -------
    dict of str to float or str
        Relative errors over all weights, before s is rounded; with several models what sharing
        gained of the error of separate components at the same storage, or lost.
    """
    lists = [
        (weights, found, own, side)
        for side in PARTS
        for weights, found, own in zip(problems[side], fitted[side], asked[side])
    ]
    energies = [(weights.astype(np.float64) ** 2).sum() for weights, *_ in lists]

    def over_all(errors):
        return float(np.average(errors, weights=energies))

    best = over_all([found.components.error for _, found, *_ in lists])
    greedy = over_all([found.greedy for _, found, *_ in lists])
    told = {"relative error of greedy components": greedy}
    if len(network.layers) == 1:
        return told

    def alone_of(one):
        return _separate_error(*one, network, options)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alone = over_all(list(pool.map(alone_of, lists)))
    gained = 1 - best / alone if alone > 0 else 0.0
    if gained > LEAST:
        text = f"{gained:.1%} less error than separate components at the same storage"
    elif best - alone > LEAST * best:
        more = f"{best / alone - 1:.1%} more error" if alone > 0 else "an error, unlike none,"
        text = f"lost: {more} than separate components at the same storage"
    else:
        text = "gained nothing over separate components at the same storage"
    return {**told, "relative error of separate components": alone, "sharing": text}


def _separate_error(weights, found, own, side, network, options):
    """Error of SVD1 of one list, in words of models on their true sizes, as a share."""
    shape, tiles, count = weights.shape[1:], (own.u, own.v), len(found.components.s)
    units = shape[1] // max(layer.hidden_size for layer in network.layers)  # 1, stacked 4 gates
    sizes = [
        (layer.input_size if side == "input" else layer.hidden_size, units * layer.hidden_size)
        for layer in network.layers
    ]
    words = count * own.most_words(*weights.shape)
    most = len(sizes) * min(shape)
    same = set(sizes) == {shape}
    if same and min(words // words_of(shape, shape, tiles), most) == count:
        return found.separate
    unit, _ = scaled(weights)
    alone = at_words(unit, sizes, tiles, options.weight_bits, options.sweeping, words)
    return alone.error(unit) / float((unit.astype(np.float64) ** 2).sum())
