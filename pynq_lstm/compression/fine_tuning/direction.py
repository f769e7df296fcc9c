"""One direction of one layer: its scales, and whether it runs quantised or takes ranges."""

from dataclasses import asdict
from typing import Dict, Optional

import torch
from torch import nn

from pynq_lstm.compression.block_diagonal import BlockScales
from pynq_lstm.compression.fine_tuning.constants import Constants, Setting
from pynq_lstm.compression.fine_tuning.ranges import Ranges
from pynq_lstm.compression.fine_tuning.recurrence import run
from pynq_lstm.errors import CalibrationError


class Direction(nn.Module):
    """M models of one shape over a sequence, under the mask and, once calibrated, quantised.

    There are scales for training and for evaluation: dropout before the LSTM makes its input
    larger while training.

    Parameters
    ----------
    options : sequence of BlockDiagonalOptions
        One for each model.
    maximum : bool
        See `constants.Setting`.
    x_inverse_scale : float, optional
        Of x in evaluation, where x is the h of another layer.
    """

    def __init__(self, options, maximum=False, x_inverse_scale=None):
        super().__init__()
        self.options, self.maximum = tuple(options), maximum
        self.x_inverse_scale = x_inverse_scale
        self.scales: Dict[bool, Optional[BlockScales]] = {True: None, False: None}  # by `training`
        self._ranges = None

    def forward(self, x, w_ih, w_hh, bias, h, c):
        """Arguments and results as `recurrence.run`."""
        if self._ranges is not None:
            with torch.no_grad():
                return self._ranges.run(x, w_ih, w_hh, bias, h, c)
        constants = Constants(self.setting(), w_ih.detach(), w_hh.detach(), bias.detach())
        return run(x, w_ih, w_hh, bias, h, c, constants)

    def setting(self):
        """Options and scales of the present mode; where it has none, those of the other."""
        scales = self.scales[self.training] or self.scales[not self.training]
        if scales is None:
            raise CalibrationError(
                "calibration", None, "these modules have no scales yet", "call calibrate first"
            )
        return Setting(self.options, scales, self.maximum)

    def observe(self):
        """From now on run in float and take ranges, until `settle`."""
        self._ranges = Ranges(self.options)

    def settle(self, w_ih=None, w_hh=None):
        """Choose the scales of the present mode from what was met; without weights, forget it."""
        ranges, self._ranges = self._ranges, None
        if w_ih is not None:
            fixed = None if self.training else self.x_inverse_scale
            self.scales[self.training] = ranges.scales(
                w_ih.detach(), w_hh.detach(), self.training, fixed
            )

    def get_extra_state(self):
        """The scales, for ``state_dict``."""
        return {str(mode): scales and asdict(scales) for mode, scales in self.scales.items()}

    def set_extra_state(self, state):
        """Take back what `get_extra_state` gave."""
        for mode in self.scales:
            found = state[str(mode)]
            self.scales[mode] = found and BlockScales(**{k: tuple(v) for k, v in found.items()})
