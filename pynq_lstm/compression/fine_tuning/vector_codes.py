"""Vectors on the integer grid while they train: `compression.grid`, with a gradient."""

import torch

from pynq_lstm.compression.fine_tuning.trained import straight_through
from pynq_lstm.compression.grid import CLIPS


def codes(vectors, bits):
    """Codes with a scale of their own for each vector, by the rule of `grid.codes`.

    Parameters
    ----------
    vectors : tensor, (components, elements), float32
        Without gradient.
    bits : int
        8 or 4; codes are -127..127 or -7..7.

    Returns
    -------
    codes : tensor, (components, elements), float32
        Integers.
    scale : tensor, (components, 1), float32
        What a code stands for; 0 of a vector of zeros.
    """
    top = (1 << (bits - 1)) - 1
    largest = vectors.abs().amax(1, keepdim=True)
    found = kept = least = None
    for clip in CLIPS[bits]:
        reach = largest * clip
        steps = torch.where(reach > 0, top / reach, torch.zeros_like(reach))
        q = torch.round(vectors * steps).clamp(-top, top)
        gain = (q * vectors).sum(1, keepdim=True) ** 2 / (q * q).sum(1, keepdim=True).clamp(min=1)
        if found is None:
            found, kept, least = q, reach / top, gain
        else:
            better = gain > least
            found, kept = torch.where(better, q, found), torch.where(better, reach / top, kept)
            least = torch.where(better, gain, least)
    return found, kept


def on_grid(vectors, bits):
    """Vectors as their codes stand for them; the gradient passes as if nothing were rounded."""
    with torch.no_grad():
        q, scale = codes(vectors, bits)
    return straight_through(vectors, q * scale)
