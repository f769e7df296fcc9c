"""How long the lists of a model's components are on the SVD engine, for every prefix of them.

Counts are of tiles of the hardware that have a code: what `packing` schedules.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from pynq_lstm.accelerator.packing.components import Components, cut
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count


@dataclass(frozen=True, eq=False)
class Lists:
    """Those of one part of a pair.

    Attributes
    ----------
    components : Components
    tiles : int
        Of x, or of h as it is read.
    v : ndarray, (components + 1, h tiles), int64
        Tiles of v of the first so many components, of the gate that has most.
    """

    components: Components
    tiles: int
    v: np.ndarray

    @classmethod
    def of(cls, components):
        """Count."""
        v = components.v.any(axis=3)
        none = np.zeros((1, *v.shape[1:]), np.int64)
        by_gate = np.concatenate([none, np.cumsum(v, axis=0)])
        return cls(components, components.u.shape[1], by_gate.max(axis=1))


def of_model(model, u_tile):
    """`Lists` of every pair of a model, by part.

    Parameters
    ----------
    model : CompressedModel
    u_tile : int
        Of the design.

    Returns
    -------
    list of dict of str to Lists
    """
    tiles, made = SimpleNamespace(u_tile=u_tile, v_tile=u_tile // 2), {}
    plan, longest = Plan.of_model(model), model.served()
    alike = {}  # pairs that share u and v: all that have the same sizes
    for k, pair in enumerate(plan.pairs):
        alike.setdefault((pair.inputs, pair.hidden), []).append(k)
    for (inputs, hidden), pairs in alike.items():
        members = [plan.pairs[k].members[lane] for k in pairs for lane in plan.pairs[k].lanes]
        sizes = {"input": inputs, "hidden": hidden}
        own = {}
        for side in PARTS:
            count = tile_count(sizes[side], u_tile)
            places = np.arange(sizes[side])
            parts = cut(getattr(model, side), places, count, hidden, members, tiles)
            own[side] = Lists.of(_first(parts, parts.prefix(longest)))
        made.update(dict.fromkeys(pairs, own))
    return [made[k] for k in range(len(plan.pairs))]


def _first(components, count):
    names = ("u", "v", "refinement", "source")
    return Components(*(getattr(components, name)[:count] for name in names))
