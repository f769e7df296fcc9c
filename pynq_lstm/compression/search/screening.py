"""The `Screen` of every set of options: how many components are worth looking at."""

import math
import time

from pynq_lstm.compression.search import screen
from pynq_lstm.compression.search.candidates import PRUNED
from pynq_lstm.errors import CompressionError

LEAST_BITS = 4  # of an element of u or v


def of(network, families, budget, make, until, step):
    """Screen sets of options.

    Parameters
    ----------
    network : Network
    families : list of dict
        As `candidates.families` gives them.
    budget : Budget
    make : callable
        ``make(options)`` compresses.
    until : float
        `time.monotonic` of the end; one is screened in any case.
    step : callable
        Called after each.

    Returns
    -------
    list of Screen
        Without the sets that do not go with the network.

    Raises
    ------
    CompressionError
        None goes with it: that of the first.
    """
    found, refused = [], []
    for options in families:
        if found and time.monotonic() > until:
            break
        try:
            found.append(_of(network, options, budget, make))
        except CompressionError as error:
            refused.append(error)
        step()
    if not found:
        raise refused[0]
    return found


def _of(network, options, budget, make):
    if options["method"] != "svd":
        return screen.of_one(make(options), options, budget.design)
    greedy = {**options, "solver": "greedy"}
    if "refinements" in options:
        return screen.of_one(make(greedy), options, budget.design)
    most = _most(network, budget)
    return screen.of_ranks(network, make({**greedy, "refinements": most}), options, budget.design)


def _most(network, budget):
    """Components of each part beyond which the matrices are smaller, or the budget is used up.

    Rounded up to a power of two, so that near budgets are screened by the same models.
    """
    shapes = []
    for alone in screen.networks(network):
        layers = alone.layers
        hidden = max(layer.hidden_size for layer in layers)
        shapes.append((len(layers), max(layer.input_size for layer in layers), hidden))
    found = []
    for sides in ([(n, i, h) for n, i, h in shapes], [(n, h, h) for n, i, h in shapes]):
        whole = max(n * rows * h / (rows + h + n) for (n, rows, h), (_, _, h) in zip(sides, shapes))
        words = min(4 * (1 - max(PRUNED)) * (rows + h) for n, rows, h in sides)
        each = {"bytes": words * LEAST_BITS / 8, "words": words, "multiplications": words}
        room = [most / each[name] for name, most in budget.limits.items() if name in each]
        at = min([whole, *(2 ** math.ceil(math.log2(max(r, 1))) for r in room)])
        possible = min(n * min(rows, h) for n, rows, h in sides)
        found.append(max(1, min(math.ceil(at), possible)))
    return tuple(found)
