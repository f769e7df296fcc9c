"""What one sequence needs beside its inputs: grids, scales and limits as tensors.

M models of one shape are side by side on a leading axis (M is 1 in a `QuantisedLSTM`); they
may differ in widths and scales, not in rank, activation, gate and cell bits.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Tuple

import torch

from pynq_lstm.compression.block_diagonal import BlockScales
from pynq_lstm.compression.block_grid import BIAS_BITS
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.fine_tuning.grids import (
    block_mask,
    multipliers,
    part_grid,
    power_of_two,
)
from pynq_lstm.errors import CompressionError
from pynq_lstm.numerics import PRE_FRACTION_BITS, SUM_SHIFTS, limits

BIAS_LIMIT = 32  # four times the range of pre: no bias that a gate can notice is beyond
EXACT_FLOAT32 = 1 << 24


@dataclass(frozen=True)
class Setting:
    """Options and scales of models side by side.

    Attributes
    ----------
    options : tuple of BlockDiagonalOptions
        One for each model.
    scales : BlockScales
        With an entry for each model.
    maximum : bool
        The activation scale is the largest magnitude of each step's vector (eq. 12) instead
        of the calibrated power of two.
    """

    options: Tuple[BlockDiagonalOptions, ...]
    scales: BlockScales
    maximum: bool = False

    def __post_init__(self):
        common = ("block_rank", "activation_bits", "gate_bits", "cell_bits")
        for name in common:
            values = {getattr(option, name) for option in self.options}
            if len(values) > 1:
                raise CompressionError(
                    name, sorted(values), "differs between models trained together", "train apart"
                )
        if len(set(self.scales.cell_fraction_bits)) > 1:
            raise CompressionError(
                "cell_fraction_bits",
                self.scales.cell_fraction_bits,
                "differs between models trained together",
                "take the smallest for all",
            )

    @property
    def shared(self):
        """Options whose rank and widths of x, h, gates and c are those of all."""
        return self.options[0]

    @property
    def pre_shift(self):
        """The accumulator of each model has the units 2^-(12 + pre_shift), as the export's."""
        gains = zip(*self.gains())
        most = SUM_SHIFTS[-1]
        return tuple(min(max(BIAS_BITS, *(-g for g in pair)), most - max(pair)) for pair in gains)

    @property
    def fractions(self):
        """Binary places of a sum of products in codes of pre, for each model."""
        return tuple(max(0, *(-gain for gain in gains)) for gains in zip(*self.gains()))

    def gains(self):
        """log2 of the codes of pre in one unit of d: of the input parts, of the hidden ones."""
        scales = self.scales
        return tuple(
            tuple(
                exponent + PRE_FRACTION_BITS + 2 - option.weight_bits - option.operand_bits
                for exponent, option in zip(exponents, self.options)
            )
            for exponents in (scales.input_exponent, scales.hidden_exponent)
        )

    def dtype(self, inputs, hidden):
        """float32 where every sum of a step is an integer below 2^24, else float64."""
        if self.shared.activation_bits > 8:
            return torch.float64  # the products x m need 31 bits
        for option, places, *gains in zip(self.options, self.fractions, *self.gains()):
            top = limits(option.weight_bits)[1] << (option.operand_bits - 1)
            reach = (BIAS_LIMIT << PRE_FRACTION_BITS) + (1 << 17)  # bias, and offset into a table
            for side, columns, gain in zip(("input", "hidden"), (inputs, hidden), gains):
                reach += -(-columns // option.rank(side)) * top * 2.0**gain
            if reach * 2**places >= EXACT_FLOAT32:
                return torch.float64
        return torch.float32


@lru_cache(maxsize=256)
def _column(values, device):
    """One number for each model, (models, 1, 1) float64; kept, as a device is slow to take it."""
    return torch.tensor(values, dtype=torch.float64, device=device)[:, None, None]


class Constants:
    """Tensors of one sequence, made of float weights; (models, 1, ...) where models differ.

    Parameters
    ----------
    setting : Setting
    w_ih, w_hh, bias : tensor, (models, 4 * hidden, inputs), (..., hidden), (models, 4 * hidden)
    """

    def __init__(self, setting, w_ih, w_hh, bias):
        device, options = w_ih.device, setting.options
        self.setting, self.hidden = setting, w_hh.shape[2]
        self.dtype = setting.dtype(w_ih.shape[2], w_hh.shape[2])

        def column(values):
            return _column(tuple(values), device)

        bits = column([option.weight_bits for option in options])
        operand = column([option.operand_bits for option in options])
        normalised = column([option.normalised for option in options]).bool()
        self.operand_top = power_of_two(operand - 1)
        self.low, self.high = self._cast(-self.operand_top), self._cast(self.operand_top - 1)
        scales = setting.scales
        x_units = column([float(v) for v in scales.x_inverse_scale])
        self.x_inverse_scale = x_units.float()
        h_units = column([2.0 ** (setting.shared.activation_bits - 1)] * len(options))
        self.parts = []
        for weight, side, exponents, units in (
            (w_ih, "input", scales.input_exponent, x_units),
            (w_hh, "hidden", scales.hidden_exponent, h_units),
        ):
            mask = block_mask(self.hidden, weight.shape[2], setting.shared.rank(side), device)
            grid = part_grid(weight, mask.repeat(4, 1), bits, normalised)
            self.parts.append(_Part(self, grid, bits, column(exponents), units))
        offset = torch.full((4, self.hidden), 1 << 15, dtype=torch.float64, device=device)
        offset[2] += 1 << 16  # g looks up tanh, which follows sigmoid
        offset = offset.reshape(1, 1, -1)
        # with the half of rounding and the offset into the tables: a floor gives an index
        rounded = self._bias(bias.double()[:, None], column)
        self.bias = self._cast(rounded + offset)
        self.first = self._cast(offset - (1 << 15))
        self.last = self._cast(offset + ((1 << 15) - 1))

    def _bias(self, bias, column):
        """Bias and the half of rounding in codes of pre, as fine as the sums of products are.

        floor((bias + 2^(s-1) + sum) / 2^s) is the same after the first two were brought to the
        units of the sum by a floor of their own, which keeps numbers short.
        """
        shift, places = column(self.setting.pre_shift), column(self.setting.fractions)
        steps = power_of_two(PRE_FRACTION_BITS + shift)
        limit = BIAS_LIMIT * steps
        codes = torch.minimum(torch.maximum(torch.round(bias * steps), -limit), limit)
        fine = (codes * power_of_two(-shift) + 0.5) * power_of_two(places)
        return torch.floor(fine) * power_of_two(-places)

    def _cast(self, tensor):
        return tensor.to(self.dtype)


class _Part:
    """Tensors of one part.

    Attributes
    ----------
    codes : (models, inputs, 4 * hidden)
        In codes of pre a unit of x': what a product adds to pre.
    m : (models, 1, inputs)
        m_k / 2^m_shift: x' = sat(floor(x m + 1/2)).
    effective : (models, 4 * hidden, inputs), float32
        The weights that the codes stand for, in units of the float network.
    unscale : (models, inputs, 1)
        From a gradient of normalised weights times x to one of weights: unit of x' over a_k.
    inside : (models, 4 * hidden, inputs), bool
        Where a gradient passes to the weights.
    """

    def __init__(self, constants, grid, bits, exponent, units):
        cast, operand_top = constants._cast, constants.operand_top
        scale, setting = grid.scale, constants.setting
        one = power_of_two(1 - bits)  # what a code of the weights stands for
        self.inside = grid.inside
        self.effective = (grid.codes * one * scale[:, None]).float()
        reciprocal = torch.where(scale > 0, 1 / scale, torch.zeros_like(scale))
        pre = 2.0**PRE_FRACTION_BITS
        if setting.maximum:
            self.m = cast((scale / units[:, 0])[:, None])
            self.codes = cast((grid.codes * one * pre).transpose(1, 2))
            self.unscale = reciprocal.float()[:, :, None]
            return
        unit = operand_top * power_of_two(-exponent)  # codes of x' a unit of a_k x_k
        m, shift = multipliers((scale[:, None] * unit / units)[:, 0])
        self.m = cast((m * power_of_two(-shift))[:, None])
        self.codes = cast((grid.codes * (one * pre / unit)).transpose(1, 2))
        self.unscale = (reciprocal[:, :, None] / unit).float()
