"""The `Screen` of every set of options: how many components are worth looking at."""

import math
import time

from pynq_lstm.budgets import screen
from pynq_lstm.budgets.candidates import TILE_OPTIONS
from pynq_lstm.budgets.prefixes import Prefixes
from pynq_lstm.compression import components
from pynq_lstm.compression.option_checks import of_part
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS

RANK_OPTIONS = "refinements", "words"  # one of them given: there are no ranks to search
SIZES = "input_size", "hidden_size"


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
    found, refused, known = [], [], {}
    for options in families:
        if found and time.monotonic() > until:
            break
        try:
            found.append(_of(network, options, budget, make, known))
        except CompressionError as error:
            refused.append(error)
        step()
    if not found:
        raise refused[0]
    return found


def _of(network, options, budget, make, known):
    """The `Screen` of one set of options; `known` has the models of others, by part."""
    if options["method"] != "svd":
        return screen.of_one(make(options), options, budget.design)
    greedy = {**options, "solver": "greedy"}
    if set(RANK_OPTIONS) & set(options):
        return screen.of_one(make(greedy), options, budget.design)
    ranks = most(network, options, budget)
    keys = [_of_part(options, side, rank) for side, rank in zip(PARTS, ranks)]
    if not set(keys) <= set(known):
        model = make({**greedy, "refinements": ranks})
        measured = screen.Measured(network, Prefixes(network, model, options, ranks))
        known.update(dict.fromkeys(keys, measured))
    return screen.of_parts(*(known[key] for key in keys), options, budget.design)


def _of_part(options, side, rank):
    """What is asked of one part: parts are problems of their own, whatever the other is asked."""
    tiles = [of_part(side, name, options.get(name), None) for name in TILE_OPTIONS]
    others = {name: value for name, value in options.items() if name not in TILE_OPTIONS}
    # no tiles is one tile, of which none is pruned
    return repr((side, rank, [tile or None for tile in tiles], sorted(others.items())))


def most(network, options, budget):
    """Components of each part, a pair, that are enough for every pair of ranks worth trying.

    More take more words than the matrices themselves, or use up the budget; rounded up to a power
    of two, so that near budgets are screened by the same models.
    """
    own = {n: value for n, value in options.items() if n not in ("method", "share")}
    resolved, shapes = SvdOptions(**own), []
    for layers in (alone.layers for alone in screen.networks(network)):
        inputs, hidden = (max(getattr(one, n) for one in layers) for n in SIZES)
        shapes.append((len(layers), {"input": inputs, "hidden": hidden}, hidden))
    found = []
    for side in PARTS:
        sides = [(models, rows[side], columns) for models, rows, columns in shapes]
        words = min(components.words(resolved, side, *shape) for shape in sides)
        whole = max(4 * n * rows * columns for n, rows, columns in sides)
        each = {"bytes": words * resolved.weight_bits / 8, "words": words, "multiplications": words}
        room = [limit / each[name] for name, limit in budget.limits.items() if name in each]
        enough = [whole / words, *(2 ** math.ceil(math.log2(max(r, 1))) for r in room)]
        possible = min(components.most(resolved, side, *shape) for shape in sides)
        found.append(max(1, min(math.ceil(min(enough)), possible)))
    return tuple(found)
