"""The methods that `fine_tune` knows: what each puts in the place of nn.LSTM, and its export."""

from dataclasses import dataclass

from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.fine_tuning.calibrate import quantise_modules, quantised
from pynq_lstm.compression.fine_tuning.export import export, export_network
from pynq_lstm.compression.fine_tuning.svd_method import Svd


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
    runs_networks = False  # whose wiring needs packed sequences, and grids that follow from it

    def check(self, model, options, progress=None):
        """Refuse what does not fit the model, before anything is changed: nothing."""

    def prepare(self, model, options, batches, loss, progress):
        """Put the method's module in the place of every nn.LSTM."""
        quantise_modules(model, options, self.maximum)

    def begin(self, model):
        """Give the method's modules what belongs to this training: nothing."""

    def conclude(self, model, batches, loss):
        """Take from the trained model's run what its export needs: nothing."""

    def export(self, model, head, provenance):
        """The `CompressedModel`; where LSTMs have layers or directions a `CompressedNetwork`."""
        stacked = any(lstm.num_layers > 1 or lstm.bidirectional for lstm in quantised(model))
        return (export_network if stacked else export)(model, head, provenance)

    def identity(self):
        """What of the method decides how a training goes on, for its checkpoint."""
        return ("block_diagonal", self.maximum)


METHODS = {"block_diagonal": BlockDiagonal, "svd": Svd}
