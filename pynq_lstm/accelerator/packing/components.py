"""The components of a part, cut into the hardware's tiles."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.design import GATES
from pynq_lstm.tiles import tile_count


@dataclass(frozen=True, eq=False)
class Components:
    """Components that pairs share: ordered by refinement, those that add nothing left out.

    Attributes
    ----------
    u : ndarray, (components, x tiles, u_tile), int8
    v : ndarray, (components, gates, h tiles, v_tile), int8
    refinement : ndarray, (components,), int64
    source : ndarray, (components,), int64
        Which components of the model's part they are.
    """

    u: np.ndarray
    v: np.ndarray
    refinement: np.ndarray
    source: np.ndarray

    def prefix(self, refinements):
        """How many components the first `refinements` refinements hold."""
        return int(np.searchsorted(self.refinement, refinements))


def cut(part, places, x_tiles, hidden, members, design):
    """Components of a part for LSTMs with `hidden` units.

    A component whose u or s is zero gives p = 0 for every input: it is left out. One without a
    tile of v stays, as its p may saturate, which is counted.

    Parameters
    ----------
    part : model.Part
    places : ndarray, (inputs,), int64
        Where the elements of u go; those of u beyond them are left out.
    x_tiles, hidden : int
    members : sequence of int
        The model's LSTMs that are served.
    design : Design

    Returns
    -------
    Components
    """
    h_tiles = tile_count(hidden, design.v_tile)
    u = np.zeros((len(part.u), x_tiles * design.u_tile), np.int8)
    u[:, places] = part.u[:, : len(places)]
    kept = np.flatnonzero(u.any(axis=1) & part.s[:, list(members)].any(axis=1))
    v = np.zeros((len(kept), GATES, h_tiles * design.v_tile), np.int8)
    v[:, :, :hidden] = part.v[kept, :, :hidden]
    return Components(
        u=u[kept].reshape(-1, x_tiles, design.u_tile),
        v=v.reshape(-1, GATES, h_tiles, design.v_tile),
        refinement=part.refinement[kept],
        source=kept,
    )
