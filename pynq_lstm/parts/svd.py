"""The SVD kind: rank-1 components whose u and v all models share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Tuple

import numpy as np

from pynq_lstm.immutable import frozen, plain
from pynq_lstm.tiles import present_elements


def list_places(counts):
    """Where components stand that are ordered by refinement, within it by list.

    Parameters
    ----------
    counts : sequence of int
        Components of each list.

    Returns
    -------
    place, list : ndarray, (sum of counts,), int64
    """
    order = [(r, g) for r in range(max(counts)) for g, n in enumerate(counts) if n > r]
    return tuple(np.array(order, np.int64).T)


def without(counts, used):
    """Where components move to when those that are not used are left out.

    Parameters
    ----------
    counts : sequence of int
        Components of each list.
    used : ndarray, (components,), bool
        Where none is, the first stays.

    Returns
    -------
    counts : tuple of int
    kept : ndarray, int64
        The components that stay, in their new order: by refinement, within it by list.
    """
    _, owner = list_places(counts)
    kept = np.flatnonzero(used)
    kept = kept if len(kept) else np.array([0])
    owner, place = owner[kept], np.zeros(len(kept), np.int64)
    for own in range(len(counts)):
        place[owner == own] = np.arange((owner == own).sum())
    found = np.bincount(owner, minlength=len(counts))
    return tuple(found.tolist()), kept[np.lexsort((owner, place))]


class SharedVectors:
    """What bounds the sums of whatever has vectors u and v; a base without fields."""

    u: np.ndarray
    v: np.ndarray

    def u_sum(self):
        """Largest sum of the magnitudes of the codes of one u."""
        return int(np.abs(self.u).sum(axis=1, dtype=np.int64).max())

    def v_sums(self):
        """Sums of the magnitudes of v over the components, (4, hidden) int64."""
        return np.abs(self.v).sum(axis=0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Part(SharedVectors):
    """The rank-1 components of one side of the LSTMs: the input's or the hidden state's.

    A component r adds ``s[r, j] * v[r] * (u[r] . x_j)`` to the gates of model j
    (Ribes et al. 2020, "Key Computation").

    Attributes
    ----------
    counts : tuple of int
        Components of each list: four numbers (gates i, f, g, o) in the per-gate
        form, one in the gate-stacked form.
    u : ndarray, (components, inputs), int8
        Ordered by refinement, within it by gate. Absent tiles are zero.
    u_mask : ndarray, (components, u tiles), bool
        Present tiles.
    v : ndarray, (components, 4, hidden), int8
    v_mask : ndarray, (components, 4, v tiles), bool
    s : ndarray, (components, models), int16
    s_shift : tuple of int
        One for each model: p = round(d * s / 2^s_shift).
    u_tile, v_tile : int
        Elements of a tile.
    """

    counts: Tuple[int, ...]
    u: np.ndarray
    u_mask: np.ndarray
    v: np.ndarray
    v_mask: np.ndarray
    s: np.ndarray
    s_shift: Tuple[int, ...]
    u_tile: int
    v_tile: int

    method = "svd"
    weight_bits = (4, 8)

    def __post_init__(self):
        for name in ("u", "u_mask", "v", "v_mask", "s"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("counts", "s_shift"):
            object.__setattr__(self, name, tuple(plain(v) for v in getattr(self, name)))

    @property
    def gate_stacked(self):
        """Whether one component serves the four gates."""
        return len(self.counts) == 1

    @cached_property
    def refinement(self):
        """Place of each component in its list, (components,) int64, ascending."""
        return list_places(self.counts)[0]

    @cached_property
    def gate(self):
        """Gate of each component, (components,) int64; 0 throughout in the stacked form."""
        return list_places(self.counts)[1]

    @property
    def max_refinements(self):
        """Length of the longest list of components."""
        return max(self.counts)

    def prefix(self, refinements):
        """How many components the first `refinements` refinements hold."""
        return int(np.searchsorted(self.refinement, refinements))

    def p_count(self, inputs, hidden, refinements):
        """Values p of one step of a model: one for each component of the prefix."""
        return self.prefix(refinements)

    def parameters(self):
        """Stored words: elements of present u and v tiles, and s."""
        return (
            present_elements(self.u_mask, self.u_tile, self.u.shape[-1])
            + present_elements(self.v_mask, self.v_tile, self.v.shape[-1])
            + self.s.size
        )

    def multiplications(self, inputs, hidden, refinements):
        """Products of one step of a model with these sizes: present u and v, and s."""
        first = self.prefix(refinements)
        return (
            first
            + present_elements(self.u_mask[:first], self.u_tile, inputs)
            + present_elements(self.v_mask[:first], self.v_tile, hidden)
        )
