"""Components of LSTMs that were trained apart, as those of one model."""

import numpy as np

from pynq_lstm.compression.parts import PartComponents
from pynq_lstm.errors import CompressionError
from pynq_lstm.parts import list_places


def joined(parts):
    """One side of LSTMs side by side: each component serves its own and has s = 0 for others.

    Parameters
    ----------
    parts : list of PartComponents
        Of each group of LSTMs that share components.

    Returns
    -------
    PartComponents
        Per gate where all are; one stacked component makes the whole a stacked list.

    Raises
    ------
    CompressionError
        Their tiles differ in size.
    """
    if len(parts) == 1:
        return parts[0]
    inputs = max(part.u.shape[1] for part in parts)
    hidden = max(part.v.shape[2] for part in parts)
    u_tile = _common("u_tile", [(p.u_tile, p.u.shape[1]) for p in parts])
    v_tile = _common("v_tile", [(p.v_tile, p.v.shape[2]) for p in parts])
    lists = 1 if any(len(part.counts) == 1 for part in parts) else 4
    owners = np.concatenate([_lists(part, lists) for part in parts])
    s = np.zeros((len(owners), sum(part.s.shape[1] for part in parts)))
    row = column = 0
    for part in parts:
        rows, columns = part.s.shape
        s[row : row + rows, column : column + columns] = part.s
        row, column = row + rows, column + columns
    order = _by_refinement(owners)
    arrays = (
        _padded([p.u for p in parts], inputs),
        _padded([p.u_mask for p in parts], -(-inputs // u_tile)),
        _padded([p.v for p in parts], hidden),
        _padded([p.v_mask for p in parts], -(-hidden // v_tile)),
        s,
    )
    counts = tuple(np.bincount(owners, minlength=lists).tolist())
    return PartComponents(counts, *(array[order] for array in arrays), u_tile, v_tile)


def _lists(part, lists):
    """The list of the joined part to which each component goes, (components,)."""
    own = list_places(part.counts)[1]
    return own if lists == len(part.counts) else np.zeros_like(own)


def _by_refinement(owners):
    """Places in the order of a `Part`: by refinement, within it by list."""
    rank = [int((owners[:k] == owners[k]).sum()) for k in range(len(owners))]
    return np.lexsort((owners, rank))


def _common(name, tiles):
    """The tile of all: their own, or the longest vector where none is cut."""
    sizes = {tile for tile, _ in tiles}
    if len(sizes) == 1:
        return sizes.pop()
    if all(tile == length for tile, length in tiles):
        return max(sizes)
    raise CompressionError(
        name, sorted(sizes), "differs between LSTMs trained apart", "pass one size for all"
    )


def _padded(arrays, length):
    """Joined along the first axis, the last one filled with zeros."""
    return np.concatenate(
        [np.pad(a, [(0, 0)] * (a.ndim - 1) + [(0, length - a.shape[-1])]) for a in arrays]
    )
