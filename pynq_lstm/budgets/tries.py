"""The models that a search makes: each once, in order, up to a number or a time."""

import time

from pynq_lstm.budgets import costs
from pynq_lstm.budgets.budget import fits
from pynq_lstm.budgets.trial import Trial
from pynq_lstm.errors import CompressionError

ROUNDING = 1e-9  # of a difference of two accuracies


class Ended(Exception):  # noqa: N818  it is no error
    """No model may be made any more."""


class Tries:
    """Makes models and measures them; keeps every one until the best is known.

    Parameters
    ----------
    make : callable
        ``make(options) -> CompressedModel or CompressedNetwork``.
    asked : Asked
    validation : Validation or None
    most : int
        Models that may be made.
    until : float
        `time.monotonic` of the end; the first model is made in any case.
    step : callable
        Called after each model.
    """

    def __init__(self, make, asked, validation, most, until, step):
        self._make, self._asked, self._validation = make, asked, validation
        self.most, self._until, self._step = most, until, step
        self._found = {}  # by options: (Trial, model), or None where they cannot be compressed

    def trial(self, options):
        """Make and measure a model.

        Returns
        -------
        Trial or None
            None if these options cannot be compressed.

        Raises
        ------
        Ended
            No model may be made any more.
        """
        key = repr(sorted(options.items()))
        if key not in self._found:
            if self.over:
                raise Ended
            try:
                model = self._make(options)
            except CompressionError:
                self._found[key] = None
            else:
                self._found[key] = self._measured(options, model), model
            self._step()
        return self._found[key] and self._found[key][0]

    @property
    def over(self):
        """Whether no model may be made any more."""
        late = bool(self._found) and time.monotonic() > self._until
        return late or len(self._found) >= self.most

    @property
    def done(self):
        """All trials, in their order."""
        return [pair[0] for pair in self._found.values() if pair]

    def best(self, key):
        """The first trial that fits and has the least ``key(trial)``; None if none fits."""
        return min((t for t in self.done if t.fits), key=key, default=None)

    def model(self, trial):
        """The model of a trial."""
        return next(pair[1] for pair in self._found.values() if pair and pair[0] is trial)

    def _measured(self, options, model):
        value = drop = None
        if self._validation is not None:
            value = self._validation.of(model)
            drop = self._validation.float_value - value
        found = costs.of(model, self._asked.budget.design)
        good = fits(found, self._asked.limits)
        if self._asked.max_drop is not None:
            good = good and drop <= self._asked.max_drop + ROUNDING
        told = model.provenance["weight mse"], model.provenance["relative weight error"]
        return Trial(dict(options), *told, value, drop, **found, fits=good)
