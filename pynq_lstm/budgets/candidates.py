"""The sets of options that a search chooses from, those of the ranks and of the solver left out.

One list a method: what is added to it is searched.
"""

from dataclasses import fields
from itertools import product
from typing import List

from pynq_lstm.compression import groups
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.dense import DenseOptions
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.part_options import GATES, PER_GATE, STACKED
from pynq_lstm.errors import CompressionError
from pynq_lstm.parts.block_diagonal import RANKS
from pynq_lstm.tiles import tile_count

WEIGHT_BITS = (8, 4)
FORMS = (PER_GATE, STACKED)
BLOCK_BITS = (8, 4, 2)
PRUNED = (0, 1 / 4, 1 / 2)  # share of the tiles of every vector
TILE, TILES = 16, 4  # elements of a tile, and the tiles of a vector that is too short for them
TILE_OPTIONS = ("u_tile", "v_tile", "zero_u_tiles", "zero_v_tiles")
WHOLE = None, None, 0, 0  # of one part, in that order: no tiles


def svd(network, fixed):
    """Of SVDn, a list of dict: the widths with every form and tiling."""
    forms = [fixed["form"]] if "form" in fixed else FORMS
    found = []
    for bits, form in product(WEIGHT_BITS, forms):
        own = {} if form == PER_GATE else {"form": form}
        found += [{"weight_bits": bits, **own, **tiles} for tiles in _tilings(network, form)]
    return found


def dense(network, fixed):
    """Of the dense method, a list of dict."""
    return [{"weight_bits": bits} for bits in WEIGHT_BITS]


def block_diagonal(network, fixed):
    """Of the block-diagonal method, a list of dict."""
    return [{"block_rank": r, "weight_bits": bits} for r, bits in product(RANKS, BLOCK_BITS)]


_KINDS = {
    "svd": (SvdOptions, svd),
    "dense": (DenseOptions, dense),
    "block_diagonal": (BlockDiagonalOptions, block_diagonal),
}


def families(network, method, fixed):
    """Every set of options that goes with those that are given.

    Parameters
    ----------
    network : Network
    method : str or None
        None: every method that has all the options in `fixed`.
    fixed : dict
        Options that are not searched.

    Returns
    -------
    list of dict
        With "method"; `fixed` included.

    Raises
    ------
    CompressionError
        An unknown method, or an option that no method in question has.
    """
    if method is not None and (not isinstance(method, str) or method not in _KINDS):
        raise CompressionError("method", method, "unknown", f"choose from {list(_KINDS)}")
    found, names = [], [method] if method else list(_KINDS)
    for name in names:
        kind, make = _KINDS[name]
        known = {f.name for f in fields(kind)}
        if set(fixed) <= known:
            own = set(fixed) & set(TILE_OPTIONS)
            free = [_without(TILE_OPTIONS, one) if own else one for one in make(network, fixed)]
            found += [{"method": name, **one, **fixed} for one in free]
    if not found:
        known = {f.name for name in names for f in fields(_KINDS[name][0])}
        unknown = next((n for n in fixed if n not in known), next(iter(fixed)))
        problem = f"no option of method {names[0]!r}" if method else f"not one of {names}"
        if unknown in known:
            problem = f"not an option of one method together with {sorted(set(fixed) - {unknown})}"
        raise CompressionError(
            unknown, fixed[unknown], problem, f"choose from {sorted(known)}, of one method"
        )
    return _different(found)


def _tilings(network, form):
    """No tiles; shares of the tiles of every vector pruned; then other shares in either part.

    Sizes fit every pass.
    """
    inputs, hidden = (
        min(max(getattr(network.layers[k], name) for k in own) for own in groups.passes(network))
        for name in ("input_size", "hidden_size")
    )
    tiles, found = (_tile(inputs), _tile(hidden)), []
    of_gates = GATES if form == STACKED else 1  # a stacked v has the tiles of four gates
    parts: List[dict] = [{}, {}]  # by share, where anything is pruned: TU, TV, ZTu and ZTv
    for share in PRUNED:
        zero = [int(share * tile_count(n, t)) for n, t in zip((inputs, hidden), tiles)]
        of_v = zero[1] * of_gates
        for own, u_tile, of_u in zip(parts, tiles, zero):
            if of_u or of_v:
                own[share] = u_tile, tiles[1], of_u, of_v
        if not any(zero):
            found.append({})
        else:
            cut = {"u_tile": tiles, "v_tile": tiles[1]}
            found.append({**cut, "zero_u_tiles": tuple(zero), "zero_v_tiles": of_v})
    of_input, of_hidden = ({0: WHOLE, **own} for own in parts)
    for one, other in product(of_input, of_hidden):
        if one != other:
            pairs = zip(of_input[one], of_hidden[other])
            found.append(dict(zip(TILE_OPTIONS, pairs)))
    return _different(found)


def are_apart(options):
    """Whether a set of options prunes another share of the tiles in either part."""
    return isinstance(options.get("zero_v_tiles"), tuple)


def _tile(length):
    return TILE if length >= TILES * TILE else -(-length // TILES)


def _without(names, options):
    return {name: value for name, value in options.items() if name not in names}


def _different(options):
    return [one for k, one in enumerate(options) if one not in options[:k]]
