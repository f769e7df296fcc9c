"""Block-diagonal models from float weights: pruned by the mask, quantised linearly.

Zheng et al., "A High Energy-efficiency FPGA-Based LSTM Accelerator Architecture Design by
Structured Pruning and Normalized Linear Quantization". Post-training compression and the
trainer meet here: `quantise_block_diagonal` alone makes integers of float weights.
"""

from dataclasses import dataclass
from typing import NamedTuple, Tuple

import numpy as np

from pynq_lstm import block_mask


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


class BlockCodes(NamedTuple):
    """Weights of one part of one model as integers.

    Attributes
    ----------
    codes : ndarray, (4 * hidden, columns), int8
        Zero where the mask is.
    scale : ndarray, (columns,), float64
        a_k: the weights are approximately ``codes * scale / 2^(weight_bits - 1)``. 0 for a
        column whose codes are all zero.
    """

    codes: np.ndarray
    scale: np.ndarray


def block_codes(weights, rank, bits, normalised=True):
    """Mask and quantise the weights of one part (Zheng et al., eqs. 8 to 11).

    Parameters
    ----------
    weights : ndarray, (4 * hidden, columns), float
        Gates i, f, g, o one below the other; what the mask drops is not looked at.
    rank : int
        Of the mask, the same for the four gates.
    bits : int
        k of the paper: 2, 4 or 8; codes are within +-(2^(bits-1) - 1).
    normalised : bool
        Divide each column by its largest magnitude over the present rows of the four gates
        ("nlq"); without ("tlq") weights beyond [-1 + D, 1 - D] are clipped.

    Returns
    -------
    BlockCodes
    """
    kept = block_mask.stacked_mask(len(weights) // 4, weights.shape[1], rank)
    pruned = np.where(kept, weights, 0).astype(np.float64)
    scale = np.abs(pruned).max(axis=0) if normalised else np.ones(weights.shape[1])
    top = (1 << (bits - 1)) - 1
    steps = np.rint(pruned / np.where(scale > 0, scale, 1) * (1 << (bits - 1)))
    codes = np.clip(steps, -top, top).astype(np.int8)
    return BlockCodes(codes, np.where(codes.any(axis=0), scale, 0.0))


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
        No grid keeps the accumulators below 2^31.
    """
    raise NotImplementedError
