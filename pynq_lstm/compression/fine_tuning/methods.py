"""The methods that `fine_tune` knows: what each puts in the place of nn.LSTM, and its export."""

import itertools
from dataclasses import dataclass, field
from typing import Any, List, Optional, Tuple

import numpy as np
import torch
from torch import nn

from pynq_lstm.compression import x_grid
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.calibration import Steps, calibration_input
from pynq_lstm.compression.fine_tuning.calibrate import quantise_modules
from pynq_lstm.compression.fine_tuning.export import export
from pynq_lstm.compression.fine_tuning.svd_export import export_svd, float_network, inputs_of
from pynq_lstm.compression.fine_tuning.svd_start import check_modules, factorise_modules
from pynq_lstm.compression.fine_tuning.trained import places, trained
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.network import Network


@dataclass(frozen=True)
class BlockDiagonal:
    """Algorithm 1 of Zheng et al.

    Attributes
    ----------
    maximum : bool
        See `QuantisedLSTM`.
    """

    maximum: bool = False

    Options = BlockDiagonalOptions

    def check(self, model):
        """Refuse what does not fit the model, before anything is changed: nothing."""

    def prepare(self, model, options, batches, loss, progress):
        """Put the method's module in the place of every nn.LSTM."""
        quantise_modules(model, options, self.maximum)

    def begin(self, model):
        """Give the method's modules what belongs to this training: nothing."""

    def conclude(self, model, batches, loss):
        """Take from the trained model's run what its export needs: nothing."""

    def export(self, model, head, provenance):
        """The `CompressedModel`."""
        return export(model, head, provenance)

    def identity(self):
        """What of the method decides how a training goes on, for its checkpoint."""
        return ("block_diagonal", self.maximum)


@dataclass(frozen=True, eq=False)
class Svd:
    """Rank-1 components (Ribes et al. 2020) that are trained on.

    Attributes
    ----------
    calibration : ndarray, list or PackedSequence, as ``Session.infer`` takes x, optional
        Of LSTMs side by side, instead of the first batches of the data: typical inputs from
        which the scales of the export are chosen.
    input_range : pair of float, optional
        Lowest and highest value of x; it widens the grid of x.
    """

    calibration: Any = None
    input_range: Optional[Tuple[float, float]] = None
    met: List[Steps] = field(default_factory=list, init=False)
    given: List[Steps] = field(default_factory=list, init=False)

    Options = SvdOptions

    def check(self, model):
        """Refuse what does not fit the model, before anything is changed."""
        x_grid.largest(self.input_range)
        if trained(model):
            network = float_network(model)
        else:
            lstms = _lstms(model)
            check_modules(lstms)
            network = Network.from_torch(nn.ModuleList(lstms))
        if self.calibration is not None:
            self.given[:] = calibration_input(network, self.calibration, None)

    def prepare(self, model, options, batches, loss, progress):
        """Put the method's module in the place of every nn.LSTM."""
        lstms, met, training = _lstms(model), None, model.training
        if options.words is not None:
            try:
                with torch.no_grad():
                    met = dict(zip(lstms, inputs_of(model.eval(), lstms, batches, loss)))
            finally:
                model.train(training)
        factorise_modules(model, options, progress, met)

    def begin(self, model):
        """Give the modules the magnitude that the grid of their x is to hold at least."""
        at_least, modules = x_grid.largest(self.input_range), trained(model)
        for module, steps in itertools.zip_longest(modules, self.given):
            largest = 0.0 if steps is None else float(np.abs(steps.valid).max())
            module.at_least = max(at_least, largest)

    def conclude(self, model, batches, loss):
        """Take from the trained model's run what its export needs: the inputs of the LSTMs."""
        with torch.no_grad():
            self.met[:] = (
                inputs_of(model, trained(model), batches, loss)
                if self.calibration is None
                else self.given
            )

    def export(self, model, head, provenance):
        """The `CompressedModel`."""
        return export_svd(model, self.met, head, provenance)

    def identity(self):
        """What of the method decides how a training goes on, for its checkpoint."""
        return ("svd", self.input_range, [steps.x.shape for steps in self.given])


def _lstms(model):
    return list(dict.fromkeys(lstm for _, _, lstm in places(model)))


METHODS = {"block_diagonal": BlockDiagonal, "svd": Svd}
