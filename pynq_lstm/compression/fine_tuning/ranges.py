"""Scales from what the float network does on calibration data, for training and for its export."""

import math

import numpy as np
import torch

from pynq_lstm.compression.block_diagonal import BlockScales
from pynq_lstm.compression.fine_tuning.grids import block_mask
from pynq_lstm.compression.quantization import cell_fraction_bits
from pynq_lstm.errors import CalibrationError
from pynq_lstm.numerics import limits

FINER = 3  # halvings of the largest value that are tried as scale of the operands
SAMPLES = 2048  # steps of each part that are kept


class Ranges:
    """What M models of one shape met, step after step of the float recurrence.

    Parameters
    ----------
    options : sequence of BlockDiagonalOptions
        One for each model.
    """

    def __init__(self, options):
        self.options = options
        self.x = self.c = None
        self.samples = {"input": [], "hidden": []}
        self.kept = 0

    def run(self, x, w_ih, w_hh, bias, h, c):
        """The float LSTM under the mask; arguments and results as `recurrence.run`."""
        size, shared = w_hh.shape[2], self.options[0]
        weights = []
        for w, side in ((w_ih, "input"), (w_hh, "hidden")):
            mask = block_mask(size, w.shape[2], shared.rank(side), w.device).repeat(4, 1)
            weights.append((w * mask).transpose(1, 2))
        sums = x @ weights[0] + bias[:, None]
        out, before, cells = [], [], []
        for step in sums:
            before.append(h)
            pre = torch.baddbmm(step, h, weights[1])
            i, f, g, o = pre.chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            out.append(h)
            cells.append(c)
        out, before = torch.stack(out), torch.stack(before)
        self._add(x, before, torch.stack(cells))
        return out, h, c

    def _add(self, x, h, c):
        def largest(values, known):
            most = values.abs().amax((0, 2, 3))
            return most if known is None else torch.maximum(known, most)

        self.x, self.c = largest(x, self.x), largest(c, self.c)
        if self.kept < SAMPLES:
            self.kept += x.shape[0] * x.shape[2]
            for side, values in (("input", x), ("hidden", h)):
                flat = values.transpose(0, 1).flatten(1, 2)
                self.samples[side].append(flat[:, :SAMPLES])

    def scales(self, w_ih, w_hh, x_inverse_scale=None):
        """Choose them.

        Parameters
        ----------
        w_ih, w_hh : tensor, (models, 4 * hidden, inputs)
        x_inverse_scale : float, optional
            Given where x is the h of another layer.

        Returns
        -------
        BlockScales
        """
        if self.x is None:
            raise CalibrationError(
                "calibration", None, "the modules met no data", "pass batches that reach them"
            )
        x, c = self.x.tolist(), self.c.tolist()
        for j, value in enumerate(x):
            if not 0 < value < math.inf:
                raise CalibrationError(
                    f"calibration[{j}]", value, "no scale for x", "pass typical, finite inputs"
                )
        bits = self.options[0].activation_bits
        top = limits(bits)[1]
        units = [float(np.float32(top / v)) if x_inverse_scale is None else x_inverse_scale
                 for v in x]  # fmt: skip
        return BlockScales(
            tuple(units),
            self._exponents("input", w_ih, units),
            self._exponents("hidden", w_hh, [2.0 ** (bits - 1)] * len(x)),
            (min(map(cell_fraction_bits, c)),) * len(c),
        )

    def _exponents(self, side, weight, units):
        samples = torch.cat(self.samples[side], 1)[:, :SAMPLES]
        rank = self.options[0].rank(side)
        mask = block_mask(weight.shape[1] // 4, weight.shape[2], rank, weight.device)
        largest = (weight * mask.repeat(4, 1)).abs().amax(1)
        return tuple(
            _exponent((values * scale).double(), option.operand_bits, float(scale.max()) / unit)
            if option.normalised else 0
            for values, scale, option, unit in zip(samples, largest, self.options, units)
        )  # fmt: skip


def _exponent(values, bits, step):
    """The power of two that leaves the least squared error of the operands `values`.

    `step` is what one code of x or h is worth: no more than the whole range of an operand.
    """
    least = math.ceil(math.log2(step)) if step > 0 else 0
    largest = float(values.abs().max())
    widest = max(math.ceil(math.log2(largest)) if largest > 0 else least, least)
    low, high = limits(bits)
    errors = {}
    for exponent in range(max(widest - FINER, least), widest + 1):
        steps = 2.0 ** (bits - 1 - exponent)
        rounded = torch.floor(values * steps + 0.5).clamp(low, high) / steps
        errors[float(((rounded - values) ** 2).sum())] = exponent
    return errors[min(errors)]
