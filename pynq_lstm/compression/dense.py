"""The dense method: every weight a code, every row of a matrix with a scale of its own."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.compression import grid
from pynq_lstm.compression.option_checks import check_choice
from pynq_lstm.compression.options import ACTIVATION_BITS, WEIGHT_BITS
from pynq_lstm.compression.progress import bar
from pynq_lstm.model import PARTS
from pynq_lstm.parts import DensePart, OwnRows


@dataclass(frozen=True)
class DenseOptions:
    """Options of ``compress(..., method="dense")``.

    Attributes
    ----------
    weight_bits : int
        Of the weights: 8 or 4.
    activation_bits : int
        Of x and h: 8 or 16.
    """

    weight_bits: int = 8
    activation_bits: int = 8

    p_bits = 16  # a p is a sum of its own: fewer bits would save nothing
    p_spare = 1.25  # the largest p of the calibration fits with a quarter to spare
    any_prefix = True  # there is one, the whole

    def __post_init__(self):
        check_choice("weight_bits", self.weight_bits, WEIGHT_BITS)
        check_choice("activation_bits", self.activation_bits, ACTIVATION_BITS)


@dataclass(frozen=True, eq=False)
class DenseComponents(OwnRows):
    """A `DensePart` before its scalars are quantised.

    Attributes
    ----------
    w : tuple of ndarray, (4 * hidden, inputs), int8
        One for each model.
    s : tuple of ndarray, (4 * hidden,), float64
        The weights of a row are approximately s * w over integer w.
    """

    w: Tuple[np.ndarray, ...]
    s: Tuple[np.ndarray, ...]

    def vectors(self, j):
        """Codes whose dot products model j takes, (rows, inputs)."""
        return self.w[j]

    def scalars(self, j):
        """s of model j, (rows,)."""
        return self.s[j]

    def v_energy(self, j):
        """Energy of each v, (rows,): there is one element, and it is 1."""
        return np.ones(len(self.s[j]))

    def quantised(self, s, s_shift):
        """The `DensePart` with the int16 mantissas `s`, an array a model, under `s_shift`."""
        return DensePart(self.w, tuple(s), s_shift)


def components(network, options, data, progress, provenance):
    """Round the weights to codes, row by row.

    Parameters
    ----------
    network : Network
    options : DenseOptions
    data : list of ndarray
        Calibration input; not looked at.
    progress : bool, optional
        Of `progress.bar`.
    provenance : dict
        What had to be coarsened is added.

    Returns
    -------
    dict of DenseComponents
        By part.
    """
    matrices = {
        "input": [layer.w_ih for layer in network.layers],
        "hidden": [layer.w_hh for layer in network.layers],
    }
    parts = {}
    with bar(len(PARTS) * len(network.layers), "matrix", progress) as moving:
        for side in PARTS:
            w, s, halved = [], [], 0
            for matrix in matrices[side]:
                codes, scales, wide = _rounded(matrix.astype(np.float64), options)
                w.append(codes)
                s.append(scales)
                halved += wide
                moving.update()
            parts[side] = DenseComponents(tuple(w), tuple(s))
            if halved:
                provenance[f"{side} rows with a halved grid of w"] = halved
    return parts


def _rounded(matrix, options):
    """Codes (rows, inputs) int8, the scale of each row (rows,), and how many rows were halved."""
    codes = np.stack([grid.codes(row, options.weight_bits) for row in matrix])
    codes, halved = grid.limited(codes, options.activation_bits)
    energy = (codes.astype(np.float64) ** 2).sum(axis=1)
    scales = (codes * matrix).sum(axis=1) / np.maximum(energy, 1)  # by least squares
    return codes, scales, int(halved.sum())
