"""The activation grids of a block-diagonal model, from the network's run on calibration data."""

import numbers
from dataclasses import dataclass, fields, replace
from typing import Tuple

import numpy as np

from pynq_lstm import block_mask
from pynq_lstm.compression import calibration
from pynq_lstm.compression.block_codes import block_codes
from pynq_lstm.compression.cell_grid import cell_fraction, on_grid
from pynq_lstm.compression.quantization import FINER, cell_fraction_bits, x_scales
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network
from pynq_lstm.numerics import CELL_BITS, limits, saturate


@dataclass(frozen=True)
class BlockScales:
    """The grids of the activations, one entry for each model.

    Attributes
    ----------
    x_inverse_scale : tuple of float
        Codes a unit of x, float32 values.
    input_exponent, hidden_exponent : tuple of int
        The activation scale of eq. (12) is 2^exponent: the operand of column k is
        ``clip(round(a_k x_k 2^(operand_bits - 1 - exponent)))``, a_k the scale of the column,
        x_k in units of the float network. 0 with "tlq".
    cell_fraction_bits : tuple of int
        c has the scale 2^-cell_fraction_bits, 0 to 14.
    """

    x_inverse_scale: Tuple[float, ...]
    input_exponent: Tuple[int, ...]
    hidden_exponent: Tuple[int, ...]
    cell_fraction_bits: Tuple[int, ...]

    def check(self, models):
        """Refuse what is not one number for each of so many models; raises CompressionError."""
        for field in fields(self):
            values = getattr(self, field.name)
            kind = numbers.Real if field.name == "x_inverse_scale" else numbers.Integral
            remedy = "pass what calibration on this network gives"
            if not isinstance(values, tuple) or len(values) != models:
                problem = f"not one number for each of {models} models"
                raise CompressionError(field.name, values, problem, remedy)
            for j, value in enumerate(values):
                if not isinstance(value, kind) or isinstance(value, bool):
                    raise CompressionError(f"{field.name}[{j}]", value, "no such number", remedy)
                if kind is numbers.Real and not 0 < np.float32(value) < np.inf:
                    problem = "not finite and positive in float32"
                    raise CompressionError(f"{field.name}[{j}]", value, problem, remedy)


class Elements:
    """Stands for a part in `calibration.measure`: the elements of x and h are looked at."""

    def vectors(self, j):
        """Nothing: no codes are multiplied before the operands."""


def pruned(network, options):
    """The float network under the masks: what the integers stand for."""
    layers = []
    for layer in network.layers:
        kept = {}
        for side, name in zip(PARTS, ("w_ih", "w_hh")):
            matrix = getattr(layer, name)
            kept[name] = matrix * block_mask.stacked_mask(
                layer.hidden_size, matrix.shape[1], options.rank(side)
            )
        layers.append(replace(layer, **kept))
    return Network(tuple(layers), network.head)


def calibrated(network, options, x, input_range, provenance):
    """Choose the activation grids of post-training compression.

    Parameters
    ----------
    network : Network
    options : BlockDiagonalOptions
    x : list of calibration.Steps
    input_range : pair of float, or None
    provenance : dict
        What saturates is added.

    Returns
    -------
    BlockScales
    """
    network = pruned(network, options)
    ranges = calibration.measure(network, x, input_range, dict.fromkeys(PARTS, Elements()))
    cells = _cells(ranges, options.cell_bits, provenance)
    if not options.normalised:  # x and h are confined to [-1, 1), whatever was met
        models = len(network.layers)
        unit, zeros = (2.0 ** (options.activation_bits - 1),), (0,) * models
        return BlockScales(unit * models, zeros, zeros, cells)
    exponents, clipped = {side: [] for side in PARTS}, 0.0
    for j, layer in enumerate(network.layers):
        for side, matrix in zip(PARTS, (layer.w_ih, layer.w_hh)):
            coded = block_codes(matrix, options.rank(side), options.weight_bits)
            chosen, share = _exponent(coded, ranges.d[side][j], options.operand_bits)
            exponents[side].append(chosen)
            clipped = max(clipped, share)
    if clipped > 0:
        provenance["largest share of operands clipped in calibration"] = clipped
    scales = tuple(x_scales(ranges, options.activation_bits))
    return BlockScales(scales, *(tuple(exponents[side]) for side in PARTS), cells)


def _cells(ranges, bits, provenance):
    """The grid of c of each model; what it clips is added to `provenance`."""
    chosen, clipped = [], 0.0
    for largest, cells in zip(ranges.c, ranges.cells):
        sample = cells.sample
        chosen.append(cell_fraction(sample, cell_fraction_bits(largest), bits, np))
        kept, step = on_grid(sample, chosen[-1], bits, np), 2.0 ** (CELL_BITS - bits - chosen[-1])
        clipped = max(clipped, float((np.abs(kept - sample) > step).mean()))
    if clipped > 0:
        provenance["largest share of c clipped in calibration"] = clipped
    return tuple(chosen)


def _exponent(coded, elements, bits):
    """The exponent that leaves the gates the least squared error, and the share it clips.

    Candidates are the finest grid that holds the largest operand, and finer ones on which
    rare large values saturate.
    """
    top = limits(bits)[1]
    largest = float((coded.scale * elements.largest).max())
    if not largest > 0:
        return 0, 0.0
    whole = int(np.ceil(np.log2(largest)))
    whole += int(np.rint(largest * 2.0 ** (bits - 1 - whole)) > top)
    operands = elements.sample * coded.scale
    energy = (coded.codes.astype(np.float64) ** 2).sum(axis=0)

    def lost(exponent):
        step = 2.0 ** (exponent - bits + 1)
        difference = saturate(np.rint(operands / step), bits) * step - operands
        return float((difference**2).mean(axis=0) @ energy)

    chosen = min(range(whole, whole - FINER - 1, -1), key=lost)
    steps = np.rint(operands * 2.0 ** (bits - 1 - chosen))
    return chosen, float((steps != saturate(steps, bits)).mean())
