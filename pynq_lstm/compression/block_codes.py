"""Float weights to the codes of a block-diagonal part: the mask, then linear quantisation."""

from typing import NamedTuple

import numpy as np

from pynq_lstm import block_mask


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
