"""The naive integer model as a back end: slow, and right by definition."""

from pynq_lstm import reference


class ReferenceBackend:
    """`reference.run` behind the interface of every back end.

    Parameters
    ----------
    model : CompressedModel
    """

    name = "reference"
    timing = None  # the session measures the run

    def __init__(self, model):
        self._model = model

    def run(self, x, h, c, lengths, refinements):
        """See `reference.run`."""
        return reference.run(self._model, x, h, c, lengths, refinements)

    def close(self):
        """Nothing is held; for the interface's sake."""
