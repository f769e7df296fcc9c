"""Weights to codes, multipliers and their straight-through factors, for models side by side.

Eqs. 7 to 11 of Zheng et al. and the steps of docs/numerics.md for block-diagonal parts. All
of it in float64, whose results are the same in NumPy, on CPU and on CUDA: division, product and
rint are those of IEEE 754. Powers are not, so those of two are made of their bits.
"""

from dataclasses import dataclass

import torch

MULTIPLIER_BITS, LARGEST_SHIFT = 16, 31


@dataclass(frozen=True)
class PartGrid:
    """One part of M models as a step uses it.

    Attributes
    ----------
    codes : tensor, (models, 4 * hidden, inputs), float64
        Integer-valued, zero where the mask is.
    scale : tensor, (models, inputs), float64
        a_k: largest magnitude of column k (eq. 9), or 1.
    inside : tensor, (models, 4 * hidden, inputs), bool
        Present and not clipped: where a gradient passes to the weight.
    """

    codes: torch.Tensor
    scale: torch.Tensor
    inside: torch.Tensor


def power_of_two(exponent):
    """2^exponent of whole numbers, float64, exact on every device.

    CUDA allows its pow an error in the last place, which would make grids that no export has.
    """
    return ((exponent.long() + 1023) << 52).view(torch.float64)


def block_mask(rows, columns, rank, device=None):
    """Elements that one gate keeps, (rows, columns) bool (eq. 7)."""
    i = torch.arange(rows, device=device)[:, None]
    k = torch.arange(columns, device=device)[None, :]
    return (i + k // rank) % rank == k % rank


def part_grid(weight, mask, bits, normalised):
    """Mask, normalise and round the weights of one part.

    Parameters
    ----------
    weight : tensor, (models, 4 * hidden, inputs), float32
    mask : tensor, (4 * hidden, inputs), bool
    bits : tensor, (models, 1, 1), float64
    normalised : tensor, (models, 1, 1), bool
    """
    weight = weight.double() * mask
    largest = weight.abs().amax(1, keepdim=True)
    scale = torch.where(normalised, largest, torch.ones_like(largest))
    steps = power_of_two(bits - 1)
    ratio = steps * weight / torch.where(scale > 0, scale, torch.ones_like(scale))
    codes = torch.minimum(torch.maximum(torch.round(ratio), 1 - steps), steps - 1)
    # under NLQ the largest weight of a column is clipped by eq. 11 too, but it sets the scale
    inside = mask & (normalised | (ratio.abs() <= steps))
    return PartGrid(codes, scale.squeeze(1), inside)


def multipliers(exact):
    """m_k and m_shift of step `normalise`: the largest m_k of a model fills its 16 bits.

    Parameters
    ----------
    exact : tensor, (models, inputs), float64
        Codes of x' that one code of x makes.

    Returns
    -------
    m : tensor, (models, inputs), float64
        Integer-valued, 0 to 65535.
    shift : tensor, (models, 1), float64
        Integer-valued, 0 to 31.
    """
    _, exponent = torch.frexp(exact.amax(1, keepdim=True))
    shift = (MULTIPLIER_BITS - exponent.double()).clamp(max=LARGEST_SHIFT)
    most = 2.0**MULTIPLIER_BITS - 1
    full = torch.round(exact.amax(1, keepdim=True) * power_of_two(shift)) > most
    shift = (shift - full.double()).clamp(min=0)
    return torch.round(exact * power_of_two(shift)).clamp(max=most), shift
