"""The components of one part as parameters."""

import numpy as np
import torch
from torch import nn

from pynq_lstm.compression.fine_tuning.vector_codes import codes, on_grid
from pynq_lstm.compression.parts import PartComponents
from pynq_lstm.tiles import element_mask


class SvdPart(nn.Module):
    """u, v and s of one side of the LSTMs: the input's or the hidden state's.

    They serve both forms: in the per-gate form the v of a component lies in one gate, in the
    gate-stacked form in all four, and its mask says which.

    Parameters
    ----------
    start : PartComponents
    bits : int
        Of the codes of u and v.

    Attributes
    ----------
    u : Parameter, (components, inputs), float32
    v : Parameter, (components, 4 * hidden), float32
    s : Parameter, (components, models), float32
        The scales of u and v are such that all three are of like magnitude: an optimiser's
        step moves them alike.
    """

    def __init__(self, start, bits):
        super().__init__()
        self.start, self.bits = start, bits
        self.hidden = start.v.shape[2]
        masks = (
            element_mask(start.u_mask, start.u_tile, start.u.shape[1]),
            element_mask(start.v_mask, start.v_tile, self.hidden).reshape(len(start.v), -1),
        )
        vectors = [_unit(a.reshape(len(a), -1).astype(np.float64)) for a in (start.u, start.v)]
        s = start.s * vectors[0][1] * vectors[1][1]
        share = np.sqrt(np.maximum(np.linalg.norm(s, axis=1, keepdims=True), np.finfo(float).tiny))
        for name, (unit, _), mask in zip("uv", vectors, masks):
            self.register_parameter(name, nn.Parameter(_tensor(unit * share)))
            self.register_buffer(f"{name}_mask", _tensor(mask), persistent=False)
        self.s = nn.Parameter(_tensor(s / share**2))

    def matrix(self, j, inputs, hidden):
        """The weights of model j that the codes stand for, (4 * hidden, inputs)."""
        u = on_grid(self.u * self.u_mask, self.bits)[:, :inputs]
        v = on_grid(self.v * self.v_mask, self.bits)
        if hidden < self.hidden:
            v = v.view(-1, 4, self.hidden)[:, :, :hidden].reshape(len(v), -1)
        return (v * self.s[:, j : j + 1]).t() @ u

    @torch.no_grad()
    def components(self):
        """As `PartComponents`: the codes, and s with the scales of u and v in it."""
        found = [codes(x * m, self.bits) for x, m in ((self.u, self.u_mask), (self.v, self.v_mask))]
        (u, u_scale), (v, v_scale) = ([t.cpu().numpy() for t in pair] for pair in found)
        scale = u_scale.astype(np.float64) * v_scale
        start = self.start
        return PartComponents(
            start.counts, u.astype(np.int8), start.u_mask,
            v.astype(np.int8).reshape(start.v.shape), start.v_mask,
            self.s.cpu().numpy().astype(np.float64) * scale, start.u_tile, start.v_tile,
        )  # fmt: skip


def _unit(vectors):
    """Rows of norm 1, and the norms, (rows, 1)."""
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norm, np.finfo(float).tiny), norm


def _tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
