"""Components and ranges to a `CompressedModel`: every grid is chosen here.

docs/numerics.md defines the formats; sections in brackets are that document's.
"""

from dataclasses import dataclass

import numpy as np

from pynq_lstm import overflow
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import CompressedModel
from pynq_lstm.numerics import PRE_FRACTION_BITS, limits

S_MAX = 32_767
MAX_SHIFT = 47
MAX_CELL_FRACTION = 14
PRE_SHIFTS = range(-8, 25)


def x_scales(ranges, bits):
    """Codes a unit of x, one for each model: its largest magnitude takes the largest code [3].

    Returns
    -------
    list of float
        float32 values.
    """
    top = limits(bits)[1]
    with np.errstate(over="ignore"):
        scales = [float(np.float32(top / value)) for value in ranges.x]
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
    fits = [bits for bits in range(MAX_CELL_FRACTION + 1) if 1.25 * largest < 2 ** (15 - bits)]
    return max(fits, default=0)


def quantise(network, parts, options, ranges, provenance):
    """Choose the scales and make the integer model.

    Parameters
    ----------
    network : Network
    parts : dict
        "input" and "hidden", each a `PartComponents`.
    options : SvdOptions
    ranges : calibration.Ranges
    provenance : dict
        For the model; what had to be coarsened is added.

    Returns
    -------
    CompressedModel

    Raises
    ------
    CompressionError
        No grid keeps p in its range and the accumulators below 2^31.
    """
    bits, shapes = options.activation_bits, network.sequences
    scales = x_scales(ranges, bits)
    grids = []
    for j, layer in enumerate(network.layers):
        units = {"input": 1 / scales[j], "hidden": 2.0 ** (1 - bits)}
        contributions = [
            _Contribution(name, part.v, part.s[:, j] * units[name], ranges.d[name][j] / units[name])
            for name, part in parts.items()
        ]
        grids.append(_model_grid(j, layer, contributions, options.p_bits))
    coarsened = sum(grid.coarsened for grid in grids)
    if coarsened:
        provenance["p coarsened by powers of two"] = coarsened
    made = {
        name: part.quantised(
            np.stack([grid.s[name] for grid in grids], axis=1),
            tuple(grid.s_shift[name] for grid in grids),
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
        provenance=provenance,
        **made,
    )


@dataclass(frozen=True, eq=False)
class _Contribution:
    """What one part adds to one model: d * s along v, d in codes, s in units of pre."""

    name: str
    v: np.ndarray
    s: np.ndarray
    largest_d: np.ndarray

    @property
    def largest(self):
        return float(np.max(np.abs(self.s) * self.largest_d))


@dataclass(frozen=True, eq=False)
class _ModelGrid:
    """The grid of one model: shifts, mantissas of s by part, bias, halvings that were needed."""

    pre_shift: int
    s: dict
    s_shift: dict
    bias: np.ndarray
    coarsened: int


def _model_grid(j, layer, contributions, p_bits):
    """The finest grid of p that holds the largest contribution, and whose sums cannot overflow."""
    largest = max(part.largest for part in contributions)
    fine = [shift for shift in PRE_SHIFTS if largest * _steps(shift) <= limits(p_bits)[1]]
    for coarsened, pre_shift in enumerate(reversed(fine)):
        grids = {part.name: _mantissas(part.s * _steps(pre_shift)) for part in contributions}
        bias = np.rint(layer.bias.astype(np.float64) * _steps(pre_shift))
        if None in grids.values() or np.abs(bias).max() > overflow.INT32_MAX:
            continue
        (bound,) = overflow.sum_bounds(contributions, p_bits, [bias], [pre_shift])
        if bound <= overflow.INT32_MAX:
            return _ModelGrid(
                pre_shift,
                {name: grid[0] for name, grid in grids.items()},
                {name: grid[1] for name, grid in grids.items()},
                bias.astype(np.int32),
                coarsened,
            )
    coarsest = np.abs(layer.bias).max() * _steps(PRE_SHIFTS[0])
    if coarsest > overflow.INT32_MAX / 2:
        raise CompressionError(
            f"layers[{j}].bias",
            float(np.abs(layer.bias).max()),
            "too large for an accumulator of 32 bits",
            "clip it: beyond +-8 both curves are flat",
        )
    raise CompressionError(
        f"layers[{j}]",
        largest,
        f"a component adds this to the gates for one code of v, too much for p of {p_bits} bits",
        "use more p_bits, or scale the input down",
    )


def _steps(pre_shift):
    """Grid steps of p a unit of pre."""
    return 2.0 ** (PRE_FRACTION_BITS + pre_shift)


def _mantissas(s):
    """s as int16 mantissas under the largest shift that holds them, or None."""
    largest = float(np.abs(s).max())
    for shift in range(MAX_SHIFT, -1, -1):
        if np.rint(largest * 2.0**shift) <= S_MAX:
            return np.rint(s * 2.0**shift).astype(np.int16), shift
    return None
