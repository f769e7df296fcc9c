"""Block-diagonal models from float weights: pruned by the mask, quantised linearly.

Zheng et al., "A High Energy-efficiency FPGA-Based LSTM Accelerator Architecture Design by
Structured Pruning and Normalized Linear Quantization". Post-training compression and the
trainer meet here: `quantise_block_diagonal` alone makes integers of float weights.
"""

import numpy as np

from pynq_lstm.compression.block_codes import BlockCodes, block_codes
from pynq_lstm.compression.block_grid import model_grid
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.block_scales import BlockScales, calibrated
from pynq_lstm.model import PARTS, CompressedModel
from pynq_lstm.parts import BlockDiagonalPart

__all__ = [
    "BlockCodes",
    "BlockDiagonalOptions",
    "BlockScales",
    "block_codes",
    "compressed",
    "quantise_block_diagonal",
]


def compressed(network, options, data, input_range, progress, provenance):
    """Post-training compression, a method of `compress`: scales from the data, then integers."""
    scales = calibrated(network, options, data, input_range, provenance)
    return quantise_block_diagonal(network, options, scales, provenance)


def quantise_block_diagonal(network, options, scales, provenance=None):
    """Make the integer model of float weights: the one way there, trained or not.

    Parameters
    ----------
    network : Network
        Float (master) weights, bias and head; what the masks drop is not looked at.
    options : BlockDiagonalOptions
        Ranks of the masks, bits, "nlq" or "tlq".
    scales : BlockScales
        An exponent is raised where the shifts of docs/numerics.md or 32 bits would not hold
        it, which the provenance says.
    provenance : mapping, optional
        For the model.

    Returns
    -------
    CompressedModel
        Of method "block_diagonal"; everything that is not in `scales` (multipliers of the
        columns, shifts, bias) is chosen here.

    Raises
    ------
    CompressionError
        No grid keeps the accumulators below 2^31, or scales that are not the network's.
    """
    scales.check(len(network.layers))
    shapes, grids = network.sequences, []
    for j, layer in enumerate(network.layers):
        units = {
            "input": float(np.float32(scales.x_inverse_scale[j])),
            "hidden": 2.0 ** (options.activation_bits - 1),
        }
        exponents = {"input": scales.input_exponent[j], "hidden": scales.hidden_exponent[j]}
        grids.append(model_grid(j, layer, options, units, exponents))
    provenance = {**(provenance or {}), "quantization": options.quantization}
    coarsened = sum(grid.coarsened for grid in grids)
    if coarsened:
        provenance["operands coarsened by powers of two"] = coarsened
    parts = {side: _joined([grid.parts[side] for grid in grids]) for side in PARTS}
    return CompressedModel(
        input_sizes=shapes.input_sizes,
        hidden_sizes=shapes.hidden_sizes,
        activation_bits=options.activation_bits,
        weight_bits=options.weight_bits,
        p_bits=options.operand_bits,
        gate_bits=options.gate_bits,
        cell_bits=options.cell_bits,
        x_inverse_scale=tuple(scales.x_inverse_scale),
        cell_fraction_bits=tuple(scales.cell_fraction_bits),
        pre_shift=tuple(grid.pre_shift for grid in grids),
        bias=tuple(grid.bias for grid in grids),
        head=network.head,
        provenance=provenance,
        **parts,
    )


def _joined(parts):
    """The part of several models from the parts of each."""
    fields = zip(*((part.w, part.m, part.m_shift, part.sum_shift) for part in parts))
    return BlockDiagonalPart(parts[0].rank, *(sum(own, ()) for own in fields))
