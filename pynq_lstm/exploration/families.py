"""The sets of options that an exploration chooses from, by engine; ranks and solver left out."""

from dataclasses import dataclass
from itertools import product
from typing import Mapping, Optional

import numpy as np

from pynq_lstm.budgets import candidates, prefixes, screening, sharings
from pynq_lstm.budgets.budget import Budget
from pynq_lstm.compression import groups
from pynq_lstm.compression.equal_words import EqualWords
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.part_options import GATES, STACKED
from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration.svd_space import SLOTS, U_LANES
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

ENGINES = ("svdn", "svd1", "block_diagonal")  # those that a kernel of this project computes
TILES = (16, 8)  # of u; v has half of it, as the tiles of the designs
PRUNED = (1 / 4, 1 / 2)  # share of the tiles of every vector
COMPONENTS = SLOTS * int(U_LANES[-1])  # that the largest design has places for
RANK_OPTIONS = ("refinements", "words")


@dataclass(frozen=True)
class Family:
    """One set of options.

    Attributes
    ----------
    engine : str
        One of `ENGINES`.
    options : mapping
        Of `compress`, with "method".
    ranks : pair of tuple of int, or None
        The refinements of both parts that are searched; None: the options make one model.
    """

    engine: str
    options: Mapping
    ranks: Optional[tuple]

    def chosen(self, at):
        """The options of a pair of indices of the ranks."""
        options = dict(self.options)
        if self.ranks is not None:
            options["refinements"] = tuple(own[k] for own, k in zip(self.ranks, at))
        return options

    @property
    def points(self):
        """How many models there are to choose from."""
        return 1 if self.ranks is None else len(self.ranks[0]) * len(self.ranks[1])


def families(network, engines, fixed, share=None):
    """Every set of options that goes with those that are given.

    Parameters
    ----------
    network : Network
    engines : sequence of str
    fixed : dict
        Options that are not searched.
    share : str or sequence of sequence of int, optional
        Which LSTMs share components, as `budgets.search` takes it. Default: all of a pass, and
        none.

    Returns
    -------
    list of Family

    Raises
    ------
    CompressionError
        An unknown engine, or an option that no engine in question has.
    """
    if not engines:
        raise CompressionError(
            "engines", list(engines), "none is searched", f"choose from {ENGINES}"
        )
    for engine in engines:
        if engine not in ENGINES:
            more = "; the dense matrices are among the baselines" if engine == "dense" else ""
            raise CompressionError(
                "engines", engine, "no engine computes it", f"choose from {ENGINES}{more}"
            )
    found = []
    every = candidates.families(network, None, fixed)
    if not any(one["method"] != "dense" for one in every):
        raise CompressionError(
            "options", fixed, "of the dense method, which no engine computes", "leave them out"
        )
    ways = _ways(network, every, fixed, share)
    for one in _with_tilings(network, every, fixed):
        if one["method"] == "block_diagonal" and "block_diagonal" in engines:
            # named groups are asked of what can share: masks cannot
            found += [Family("block_diagonal", one, None)] if {} in (w for _, w in ways) else []
        if one["method"] != "svd":
            continue
        for engine, way in ways:
            if engine in engines:
                found += of_ranks(network, engine, {**one, **way})
    if not found:
        _refuse_all(engines, fixed, share, {engine for engine, _ in ways})
    return found


def _ways(network, every, fixed, share):
    """Who shares, a list of (engine, options): SVD1 where no LSTM does, else SVDn."""
    whole = groups.passes(network)
    alone = groups.checked(network, "none")
    if share is None:
        # LSTMs that are alone share nothing: SVDn is what they have
        return [("svdn", {})] + ([("svd1", {"share": "none"})] if alone != whole else [])
    sharings.check(network, every, share)
    found = []
    for way in sharings.of(network, share, fixed):
        kind = groups.checked(network, way["share"]) if way else whole
        found.append(("svd1" if kind == alone != whole else "svdn", way))
    return found


def _refuse_all(engines, fixed, share, possible):
    problem, remedy = f"none has the options {sorted(fixed)}", "leave some out"
    if "svd1" in engines and "svd1" not in possible and share is None:
        problem = "every LSTM runs alone, so that SVD1 is what SVDn is"
        remedy = "search 'svdn'"
    elif share is not None and not set(engines) & possible:
        problem, remedy = f"none shares as share={share!r} says", f"search {sorted(possible)}"
    elif not fixed:
        problem, remedy = "none goes with the network", "search others"
    raise CompressionError("engines", list(engines), problem, remedy)


def _with_tilings(network, every, fixed):
    """Tiles as the designs have them, instead of those that are searched without a design."""
    given = set(fixed) & set(candidates.TILE_OPTIONS)
    for one in every:
        pruned = set(one) & set(candidates.TILE_OPTIONS)
        if one["method"] != "svd" or given:
            yield one
        elif not pruned:
            yield one
            for tiles in tilings(network, one.get("form", "per_gate")):
                yield {**one, **tiles}


def tilings(network, form):
    """Options of tiles whose pruned ones are whole tiles of some design, a list of dict."""
    inputs, hidden = (
        min(max(getattr(network.layers[k], name) for k in own) for own in groups.passes(network))
        for name in screening.SIZES
    )
    found = []
    for tile, share in product(TILES, PRUNED):
        u, v = (min(tile, inputs), min(tile, hidden)), min(tile // 2, hidden)
        zero = tuple(int(share * tile_count(n, t)) for n, t in zip((inputs, hidden), u))
        of_v = int(share * tile_count(hidden, v)) * (GATES if form == STACKED else 1)
        if any(zero) or of_v:
            found.append({"u_tile": u, "v_tile": v, "zero_u_tiles": zero, "zero_v_tiles": of_v})
    return [one for k, one in enumerate(found) if one not in found[:k]]


def of_ranks(network, engine, options):
    """The family of one set of options of SVD, in a list; none where it does not go."""
    if set(RANK_OPTIONS) & set(options):
        return [Family(engine, options, None)]
    shared = {name: value for name, value in options.items() if name != "share"}
    try:
        most = screening.most(network, shared, Budget())
    except CompressionError:  # sizes that do not go with the tiles
        return []
    own = {name: value for name, value in shared.items() if name != "method"}
    forms = options.get("form", "per_gate")
    ranks = []
    for n in range(len(PARTS)):
        form = forms[n] if isinstance(forms, (tuple, list)) else forms
        room = COMPONENTS if form == STACKED else COMPONENTS // GATES
        # of groups of LSTMs, R stands for their words together
        room *= max(map(len, groups.passes(network))) if "share" in options else 1
        ranks.append(tuple(prefixes.ranks_up_to(min(most[n], room))))
    if "share" in options:
        held = groups.checked(network, options["share"])
        ranks = _distinct(network, SvdOptions(**own), held, ranks)
    return [Family(engine, options, tuple(ranks))] if all(ranks) else []


def _distinct(network, options, held, ranks):
    """Those of ranks that differ in what groups of LSTMs get; all get something."""
    found = []
    for side, own in zip(PARTS, ranks):
        own, each = EqualWords(network, options).rows(held, side, own)
        by_counts = {tuple(row): rank for row, rank in reversed(list(zip(each.tolist(), own)))}
        found.append(sorted(rank for row, rank in by_counts.items() if all(row)))
    return [tuple(own) for own in found]


def counts(network, options, held, side, ranks):
    """Components of a part that each group of LSTMs gets for refinements of all together.

    Parameters
    ----------
    network : Network
    options : SvdOptions
    held : sequence of tuple of int
        The LSTMs of each group.
    side : str
    ranks : sequence of int
        Ascending.

    Returns
    -------
    ndarray, (ranks, groups), int
    """
    words = EqualWords(network, options)
    return np.array([words.counts(held, side, rank) for rank in ranks])
