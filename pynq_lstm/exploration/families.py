"""The sets of options that an exploration chooses from, by engine; ranks and solver left out."""

from dataclasses import dataclass
from itertools import product
from typing import Mapping, Optional

from pynq_lstm.budgets import candidates, prefixes, screening
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


def families(network, engines, fixed):
    """Every set of options that goes with those that are given.

    Parameters
    ----------
    network : Network
    engines : sequence of str
    fixed : dict
        Options that are not searched.

    Returns
    -------
    list of Family

    Raises
    ------
    CompressionError
        An unknown engine, or an option that no engine in question has.
    """
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
    alone = all(len(own) == 1 for own in groups.passes(network))
    for one in _with_tilings(network, every, fixed):
        if one["method"] == "block_diagonal" and "block_diagonal" in engines:
            found.append(Family("block_diagonal", one, None))
        if one["method"] != "svd":
            continue
        for engine, share in (("svdn", {}), ("svd1", {"share": "none"})):
            # LSTMs that are alone share nothing: SVDn is what they have
            if engine in engines and not (engine == "svd1" and alone):
                found += _of_ranks(network, engine, {**one, **share})
    if not found:
        raise CompressionError(
            "engines", list(engines), f"none has the options {sorted(fixed)}", "leave some out"
        )
    return found


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


def _of_ranks(network, engine, options):
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
        # of LSTMs that share nothing, R stands for their words together
        room *= max(map(len, groups.passes(network))) if engine == "svd1" else 1
        ranks.append(tuple(prefixes.ranks_up_to(min(most[n], room))))
    if engine == "svd1":
        ranks = _distinct(network, SvdOptions(**own), ranks)
    return [Family(engine, options, tuple(ranks))] if all(ranks) else []


def _distinct(network, options, ranks):
    """Those of ranks that differ in what the LSTMs of their own get; all get something."""
    found = []
    for side, own in zip(PARTS, ranks):
        each = counts(network, options, side, own).tolist()
        by_counts = {tuple(row): rank for row, rank in reversed(list(zip(each, own)))}
        found.append(sorted(rank for row, rank in by_counts.items() if all(row)))
    return [tuple(own) for own in found]


def counts(network, options, side, ranks):
    """Components of a part that each LSTM gets by itself for refinements of all together.

    Parameters
    ----------
    network : Network
    options : SvdOptions
    side : str
    ranks : sequence of int
        Ascending.

    Returns
    -------
    ndarray, (ranks, passes where nothing is shared), int
    """
    return EqualWords(network, options).rows(groups.checked(network, "none"), side, ranks)
