"""Components and ranges to a `CompressedModel`: every grid is chosen here.

docs/numerics.md defines the formats; sections in brackets are that document's.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from pynq_lstm import overflow
from pynq_lstm.compression.calibration import DotProducts
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import CompressedModel
from pynq_lstm.numerics import (
    CELL_FRACTIONS,
    PRE_FRACTION_BITS,
    PRE_SHIFTS,
    S_SHIFTS,
    limits,
    saturate,
)

S_MAX = 32_767
# Halvings of the grid of p that are tried beyond the one without saturation. From 9 bits on
# rounding is so small that clipping never paid, and the user would only be warned of it.
FINER, FEW_BITS = 3, 8


def x_scales(ranges, bits):
    """Codes a unit of x, one for each model, as its `XGrid` has them [3].

    Returns
    -------
    list of float
        float32 values.
    """
    scales = [grid.inverse_scale(value, bits) for grid, value in zip(ranges.grids, ranges.x)]
    for j, scale in enumerate(scales):
        if not 0 < scale < np.inf:
            raise CompressionError(
                f"calibration[{j}]",
                ranges.x[j],
                "no float32 scale for x",
                "scale the input to a range near 1",
            )
    return scales


def cell_fraction_bits(largest):
    """The finest power-of-two grid on which int16 holds `largest` with a quarter to spare [7]."""
    fits = [bits for bits in CELL_FRACTIONS if 1.25 * largest < 2 ** (15 - bits)]
    return max(fits, default=0)


def quantise(network, parts, options, ranges, provenance):
    """Choose the scales and make the integer model.

    Parameters
    ----------
    network : Network
    parts : dict
        "input" and "hidden", each a `PartComponents` or `DenseComponents`.
    options : SvdOptions or DenseOptions
    ranges : calibration.Ranges
    provenance : dict
        For the model; what had to be coarsened, and what saturates, is added.

    Returns
    -------
    CompressedModel

    Raises
    ------
    CompressionError
        No grid keeps the accumulators below 2^31.
    """
    bits, shapes = options.activation_bits, network.sequences
    scales = x_scales(ranges, bits)
    grids, clipped = [], []
    for j, layer in enumerate(network.layers):
        units = {"input": scales[j], "hidden": 2.0 ** (bits - 1)}
        contributions = [
            _Contribution(name, j, part, ranges.d[name][j], units[name])
            for name, part in parts.items()
        ]
        grids.append(_model_grid(j, layer, contributions, options))
        steps = _steps(grids[-1].pre_shift)
        clipped.append(max(part.clipped(steps, options.p_bits) for part in contributions))
    coarsened = sum(grid.coarsened for grid in grids)
    if coarsened:
        provenance["p coarsened by powers of two"] = coarsened
    if max(clipped) > 0:
        provenance["largest share of p clipped in calibration"] = max(clipped)
    made = {
        name: part.quantised(
            [grid.s[name] for grid in grids], tuple(grid.s_shift[name] for grid in grids)
        )
        for name, part in parts.items()
    }
    return CompressedModel(
        input_sizes=shapes.input_sizes,
        hidden_sizes=shapes.hidden_sizes,
        activation_bits=bits,
        weight_bits=options.weight_bits,
        p_bits=options.p_bits,
        x_inverse_scale=tuple(scales),
        cell_fraction_bits=tuple(cell_fraction_bits(c) for c in ranges.c),
        pre_shift=tuple(grid.pre_shift for grid in grids),
        bias=tuple(grid.bias for grid in grids),
        head=network.head,
        prefixes=None if options.any_prefix else (max(p.max_refinements for p in made.values()),),
        provenance=provenance,
        **made,
    )


@dataclass(frozen=True, eq=False)
class _Contribution:
    """What one part adds to one model.

    Attributes
    ----------
    name : str
        Of the part.
    j : int
        The model.
    part : PartComponents or DenseComponents
    d : calibration.DotProducts
        In units of the float network.
    unit : float
        Codes of x or h a unit.
    """

    name: str
    j: int
    part: Any
    d: DotProducts
    unit: float

    @cached_property
    def s(self):
        """What one code of d adds to pre for one code of v, (components,)."""
        return self.part.scalars(self.j) / self.unit

    def v_sums(self):
        """As `Part.v_sums`."""
        return self.part.v_sums()

    @property
    def largest(self):
        """Largest p in units of pre."""
        return float(np.max(np.abs(self.s) * self.d.largest) * self.unit)

    def clipped(self, steps, p_bits):
        """Share of the sampled p that `p_bits` bits do not hold."""
        p = np.rint(self.d.sample * (self.s * self.unit * steps))
        return float((p != saturate(p, p_bits)).mean())

    def error(self, steps, p_bits):
        """Squared error that p of `p_bits` bits, `steps` a unit, leaves in the gates."""
        p = self.d.sample * (self.s * self.unit * steps)
        lost = saturate(np.rint(p), p_bits) - p
        return float(((lost / steps) ** 2).mean(axis=0) @ self.part.v_energy(self.j))


@dataclass(frozen=True, eq=False)
class _ModelGrid:
    """The grid of one model: shifts, mantissas of s by part, bias, halvings that were needed."""

    pre_shift: int
    s: dict
    s_shift: dict
    bias: np.ndarray
    coarsened: int = 0


def _model_grid(j, layer, contributions, options):
    """The grid of p with the least error among those that cannot overflow.

    Candidates are the finest grid that holds the largest p, times what the method spares, and,
    for p of few bits, finer ones on which rare large values saturate.
    """
    p_bits = options.p_bits
    largest = max(part.largest for part in contributions) * options.p_spare
    whole = [shift for shift in PRE_SHIFTS if largest * _steps(shift) <= limits(p_bits)[1]]
    finest = max(whole, default=PRE_SHIFTS[0])
    finer = FINER if p_bits <= FEW_BITS else 0
    candidates = [shift for shift in range(finest, finest + finer + 1) if shift in PRE_SHIFTS]
    grids = [_grid(layer, contributions, p_bits, shift) for shift in candidates]
    errors = {
        sum(part.error(_steps(grid.pre_shift), p_bits) for part in contributions): grid
        for grid in grids
        if grid is not None
    }
    if errors:
        return errors[min(errors)]
    for shift in range(finest - 1, PRE_SHIFTS[0] - 1, -1):
        grid = _grid(layer, contributions, p_bits, shift)
        if grid is not None:
            return replace(grid, coarsened=finest - shift)
    raise CompressionError(
        f"layers[{j}].bias",
        float(np.abs(layer.bias).max()),
        f"beside weights that add {largest:.3g} for one code of v, too large for 32 bits",
        "clip the bias (beyond +-8 both curves are flat), or scale the weights to a common range",
    )


def _grid(layer, contributions, p_bits, pre_shift):
    """The `_ModelGrid` of one shift, or None where s has no mantissas or a sum could overflow."""
    mantissas = {part.name: _mantissas(part.s * _steps(pre_shift)) for part in contributions}
    bias = np.rint(layer.bias.astype(np.float64) * _steps(pre_shift))
    if None in mantissas.values() or np.abs(bias).max() > overflow.INT32_MAX:
        return None
    (bound,) = overflow.sum_bounds(contributions, p_bits, [bias], [pre_shift])
    if bound > overflow.INT32_MAX:
        return None
    s, shifts = ({name: pair[k] for name, pair in mantissas.items()} for k in (0, 1))
    return _ModelGrid(pre_shift, s, shifts, bias.astype(np.int32))


def _steps(pre_shift):
    """Grid steps of p a unit of pre."""
    return 2.0 ** (PRE_FRACTION_BITS + pre_shift)


def _mantissas(s):
    """s as int16 mantissas under the largest shift that holds them, or None."""
    largest = float(np.abs(s).max())
    for shift in reversed(S_SHIFTS):
        if np.rint(largest * 2.0**shift) <= S_MAX:
            return np.rint(s * 2.0**shift).astype(np.int16), shift
    return None
