"""The methods that `fine_tune` knows: what each puts in the place of nn.LSTM, and its export."""

from dataclasses import dataclass, field
from typing import Any, List, Optional, Tuple

import numpy as np
import torch

from pynq_lstm.compression import x_grid
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.calibration import Steps, calibration_input
from pynq_lstm.compression.fine_tuning.calibrate import quantise_modules
from pynq_lstm.compression.fine_tuning.export import export
from pynq_lstm.compression.fine_tuning.svd_export import export_svd, float_network, inputs_of
from pynq_lstm.compression.fine_tuning.svd_start import factorise_modules
from pynq_lstm.compression.fine_tuning.trained import places, trained
from pynq_lstm.compression.options import SvdOptions


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

    def prepare(self, model, options, batches, loss, progress):
        """Put the method's module in the place of every nn.LSTM."""
        quantise_modules(model, options, self.maximum)

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

    Options = SvdOptions

    def prepare(self, model, options, batches, loss, progress):
        """Put the method's module in the place of every nn.LSTM."""
        at_least = x_grid.largest(self.input_range)  # refuses a bad one before anything changes
        lstms = list(dict.fromkeys(lstm for _, _, lstm in places(model)))
        met = None
        if options.words is not None:
            model.eval()
            with torch.no_grad():
                met = dict(zip(lstms, inputs_of(model, lstms, batches, loss)))
        factorise_modules(model, options, at_least, progress, met)
        if self.calibration is not None:
            for module, steps in zip(trained(model), self._given(model)):
                module.at_least = max(at_least, float(np.abs(steps.valid).max()))

    def conclude(self, model, batches, loss):
        """Take from the trained model's run what its export needs: the inputs of the LSTMs."""
        with torch.no_grad():
            self.met[:] = (
                inputs_of(model, trained(model), batches, loss)
                if self.calibration is None
                else self._given(model)
            )

    def export(self, model, head, provenance):
        """The `CompressedModel`."""
        return export_svd(model, self.met, head, provenance)

    def identity(self):
        """What of the method decides how a training goes on, for its checkpoint."""
        given = self.calibration
        shapes = None if given is None else [np.shape(x) for x in given]
        return ("svd", self.input_range, shapes)

    def _given(self, model):
        return calibration_input(float_network(model), self.calibration, None)


METHODS = {"block_diagonal": BlockDiagonal, "svd": Svd}
