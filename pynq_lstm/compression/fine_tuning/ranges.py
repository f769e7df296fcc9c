"""Scales from what the float network does on calibration data, for training and for its export."""

import math

import numpy as np
import torch

from pynq_lstm.compression.block_diagonal import BlockScales
from pynq_lstm.compression.cell_grid import cell_fraction
from pynq_lstm.compression.fine_tuning.grids import block_mask
from pynq_lstm.compression.quantization import cell_fraction_bits
from pynq_lstm.errors import CalibrationError
from pynq_lstm.numerics import limits

FINER = 3  # halvings of the largest value that are tried as scale of the operands
SAMPLES = 2048  # steps of each part that are kept
SPARE = 2.0  # what c may grow until scales are chosen again, while training


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
        self.samples = {"input": [], "hidden": [], "cell": []}
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
            for side, values in (("input", x), ("hidden", h), ("cell", c)):
                flat = values.transpose(0, 1).flatten(1, 2)
                self.samples[side].append(flat[:, :SAMPLES])

    def scales(self, w_ih, w_hh, training, x_inverse_scale=None):
        """Choose them.

        Parameters
        ----------
        w_ih, w_hh : tensor, (models, 4 * hidden, inputs)
        training : bool
            Leave room for what a few steps of training change.
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
        x, c = self.x.tolist(), (self.c * (SPARE if training else 1)).tolist()
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
            self._exponents("input", w_ih, [1 / unit for unit in units]),
            # h may become 1 where it was small so far: at most three halvings below that
            self._exponents("hidden", w_hh, [max(2.0 ** (1 - bits), 0.5**FINER)] * len(x)),
            (self._cell_fraction(min(map(cell_fraction_bits, c))),) * len(c),
        )

    def _cell_fraction(self, whole):
        """The grid of c of all models, which share it; `whole` holds the largest."""
        c = torch.cat(self.samples["cell"], 1)[:, :SAMPLES]
        return cell_fraction(c, whole, self.options[0].cell_bits, torch)

    def _exponents(self, side, weight, steps):
        """The power of two of each model that leaves the least squared error of its operands.

        `steps` is what one code of x or h is worth: at most the whole range of an operand.
        """
        rank = self.options[0].rank(side)
        mask = block_mask(weight.shape[1] // 4, weight.shape[2], rank, weight.device)
        scale = (weight * mask.repeat(4, 1)).abs().amax(1).double()
        values = torch.cat(self.samples[side], 1)[:, :SAMPLES] * scale[:, None]
        met = torch.stack([values.abs().amax((1, 2)), scale.amax(1)]).tolist()
        least = [_ceil_log2(most * step) for most, step in zip(met[1], steps)]
        widest = [max(_ceil_log2(most, low), low) for most, low in zip(met[0], least)]
        tops = [1 << (option.operand_bits - 1) for option in self.options]
        errors = torch.stack(
            [_error(values, [w - finer for w in widest], tops) for finer in range(FINER + 1)]
        ).tolist()  # one answer from the device for all
        chosen = []
        for j, option in enumerate(self.options):
            allowed = range(min(FINER, widest[j] - least[j]) + 1)
            finer = min(allowed, key=lambda k, j=j: errors[k][j])
            chosen.append(widest[j] - finer if option.normalised else 0)
        return tuple(chosen)


def _ceil_log2(value, otherwise=0):
    return math.ceil(math.log2(value)) if value > 0 else otherwise


def _error(values, exponents, tops):
    """Squared error of the operands of each model under 2^exponent, (models,)."""
    factors = [top * 2.0**-exponent for top, exponent in zip(tops, exponents)]
    factor, top = (
        torch.tensor(v, dtype=torch.float64, device=values.device)[:, None, None]
        for v in (factors, tops)
    )
    rounded = torch.minimum(torch.maximum(torch.floor(values * factor + 0.5), -top), top - 1)
    return ((rounded / factor - values) ** 2).sum((1, 2))
