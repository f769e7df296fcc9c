"""The components of one part: its lists, those of four gates or one, joined."""

from dataclasses import dataclass, replace
from typing import Tuple

import numpy as np

from pynq_lstm.compression import grid
from pynq_lstm.parts import Part, SharedVectors, list_places, without


@dataclass(frozen=True, eq=False)
class PartComponents(SharedVectors):
    """A `Part` before its scalars are quantised; fields as there.

    Attributes
    ----------
    s : ndarray, (components, models), float64
        Weights are approximately the sum of s * u v^T over integer u and v.
    """

    counts: Tuple[int, ...]
    u: np.ndarray
    u_mask: np.ndarray
    v: np.ndarray
    v_mask: np.ndarray
    s: np.ndarray
    u_tile: int
    v_tile: int

    def vectors(self, j):
        """Codes whose dot products model j takes: u, (components, inputs)."""
        return self.u

    def scalars(self, j):
        """s of model j, (components,)."""
        return self.s[:, j]

    def v_energy(self, j):
        """Energy of each v, (components,)."""
        return (self.v.astype(np.float64) ** 2).sum(axis=(1, 2))

    def quantised(self, s, s_shift):
        """The `Part` with the int16 mantissas `s`, an array for each model, under `s_shift`.

        Components whose mantissas are all zero add nothing: they are left out, and those
        behind them in their list move up.
        """
        s = np.stack(s, axis=1)
        counts, kept = without(self.counts, s.any(axis=1))
        chosen = {name: getattr(self, name)[kept] for name in ("u", "u_mask", "v", "v_mask")}
        return Part(**{**vars(self), **chosen, "counts": counts, "s": s[kept], "s_shift": s_shift})


def join_lists(lists, options):
    """Join the lists of components of one part.

    Parameters
    ----------
    lists : list of svd.Components
        One, of components of the four gates; or four in the order i, f, g, o, which are
        interleaved: by refinement, within it by gate.
    options : sequence of PartOptions
        Of each list.

    Returns
    -------
    PartComponents
    """
    joined = _stacked(*lists) if len(lists) == 1 else _interleaved(lists)
    return PartComponents(u_tile=options[0].u.size, v_tile=options[0].v.size, **joined)


def _stacked(found):
    """The fields of components whose v has the units of four gates, gate by gate."""
    count = len(found.s)
    v, v_mask = (a.reshape(count, 4, -1) for a in (found.v, found.v_mask))
    return dict(counts=(count,), u=found.u, u_mask=found.u_mask, v=v, v_mask=v_mask, s=found.s)


def _interleaved(gates):
    """The fields of the components of four gates."""
    counts = tuple(len(gate.s) for gate in gates)
    order = list(zip(*list_places(counts)))
    u, u_mask, s = (
        np.stack([getattr(gates[g], name)[r] for r, g in order]) for name in ("u", "u_mask", "s")
    )
    v = np.zeros((len(order), 4, gates[0].v.shape[1]), np.int8)
    v_mask = np.zeros((len(order), 4, gates[0].v_mask.shape[1]), bool)
    for k, (r, g) in enumerate(order):
        v[k, g], v_mask[k, g] = gates[g].v[r], gates[g].v_mask[r]
    return dict(counts=counts, u=u, u_mask=u_mask, v=v, v_mask=v_mask, s=s)


def limit_dot_products(part, activation_bits):
    """Halve the codes of u until no dot product can overflow (docs/numerics.md, section 5).

    Returns
    -------
    part : PartComponents
    halved : int
        Components whose grid was coarsened.
    """
    u, halved = grid.limited(part.u, activation_bits)
    # s by least squares for what is left of u; untouched components keep theirs exactly
    left, whole = u.astype(np.int64), part.u.astype(np.int64)
    factor = (left * whole).sum(axis=1) / np.maximum((left * left).sum(axis=1), 1)
    s = np.where(halved[:, None], part.s * factor[:, None], part.s)
    return replace(part, u=u, s=s), int(halved.sum())
