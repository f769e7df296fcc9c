"""Method "svd" of `fine_tune`: rank-1 components in the place of nn.LSTM, and their export."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import torch

from pynq_lstm.compression import networks, x_grid
from pynq_lstm.compression.calibration import Steps, calibration_input
from pynq_lstm.compression.fine_tuning.met_inputs import inputs_of
from pynq_lstm.compression.fine_tuning.svd_export import export_svd
from pynq_lstm.compression.fine_tuning.svd_start import check_modules, factorise_modules, sharing
from pynq_lstm.compression.fine_tuning.topology import float_network, groups_of_trained, models
from pynq_lstm.compression.fine_tuning.trained import places, trained
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.errors import CompressionError
from pynq_lstm.passes import lstms


@dataclass(frozen=True, eq=False)
class Svd:
    """Rank-1 components (Ribes et al. 2020) that are trained on.

    Attributes
    ----------
    calibration : ndarray, list or PackedSequence, as ``Session.infer`` takes x, optional
        Of bare LSTMs or a `Network`, instead of the first batches of the data: typical inputs
        from which the scales of the export are chosen.
    input_range : pair of float, optional
        Lowest and highest value of x; it widens the grid of x.
    share : str or sequence of sequence of int, optional
        Which LSTMs share u and v, as `compress` takes it; groups may go across layers.
        Default: all of a pass, and in a module of your own each nn.LSTM has components of its
        own.
    """

    calibration: Any = None
    input_range: Optional[Tuple[float, float]] = None
    share: Any = None
    met: List[Steps] = field(default_factory=list, init=False)
    given: List[Steps] = field(default_factory=list, init=False)
    chosen: Dict[Tuple[int, ...], SvdOptions] = field(default_factory=dict, init=False)
    told: Dict[str, Any] = field(default_factory=dict, init=False)

    Options = SvdOptions
    runs_networks = True

    def check(self, model, options, progress=None):
        """Refuse what does not fit the model, before anything is changed."""
        x_grid.largest(self.input_range)
        if not trained(model):
            places(model)
            check_modules(models(model))
        network = float_network(model)
        if self.calibration is not None:
            self.given[:] = calibration_input(network, self.calibration, None)
        if not trained(model):
            chosen, told = sharing(model, network, options, self.share, progress)
            self.chosen.update(chosen)
            self.told.update(told)
        elif isinstance(self.share, str) and self.share == "auto":  # found when it was prepared
            self.chosen.update(dict.fromkeys(groups_of_trained(model), options))
        elif self.share is not None:
            found = set(groups_of_trained(model))
            self.chosen.update(sharing(model, network, options, self.share, progress)[0])
            if set(self.chosen) != found:
                raise CompressionError(
                    "share", self.share, f"the model was trained with {sorted(found)}",
                    "pass the same groups again, or the model as it was",
                )  # fmt: skip

    def prepare(self, model, options, batches, loss, progress):
        """Put the method's module in the place of every nn.LSTM."""
        found, met, training = models(model), None, model.training
        if options.words is not None:
            try:
                with torch.no_grad():
                    met = dict(zip(found, inputs_of(model.eval(), found, batches, loss)))
            finally:
                model.train(training)
        factorise_modules(model, options, progress, met, self.chosen or None)

    def begin(self, model):
        """Give the modules the magnitude that the grid of their x is to hold at least."""
        network, largest = float_network(model), x_grid.largest(self.input_range)
        met = networks.met_by(network, self.given) if self.given else None
        for k, (module, lstm) in enumerate(zip(trained(model), lstms.of(network.stacks))):
            of_calibration = 0.0 if met is None else float(np.abs(met[k].valid).max())
            of_range = networks.grid_of(lstm, network.wiring, largest).at_least
            module.at_least = max(of_range, of_calibration)

    def conclude(self, model, batches, loss):
        """Take from the trained model's run what its export needs: the inputs of the LSTMs."""
        with torch.no_grad():
            self.met[:] = (
                inputs_of(model, trained(model), batches, loss)
                if self.calibration is None
                else networks.met_by(float_network(model), self.given)
            )

    def export(self, model, head, provenance):
        """The `CompressedModel` or `CompressedNetwork`."""
        provenance = {**self.told, **(provenance or {})}
        return export_svd(model, self.met, head, provenance, apart=self.share is not None)

    def identity(self):
        """What of the method decides how a training goes on, for its checkpoint."""
        found = ("svd", self.input_range, [steps.x.shape for steps in self.given])
        return found if self.share is None else (*found, sorted(self.chosen))
