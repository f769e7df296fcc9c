"""`search`: the best model within a budget, or the smallest one within a drop of accuracy."""

import contextlib
import math
import time
from itertools import product

from pynq_lstm.budgets import candidates, screening, sharings
from pynq_lstm.budgets.arm import Arm
from pynq_lstm.budgets.asked import Asked, number
from pynq_lstm.budgets.result import SearchResult
from pynq_lstm.budgets.tries import Ended, Tries
from pynq_lstm.budgets.validation import Validation
from pynq_lstm.compression import calibration as ranges_of
from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.progress import bar
from pynq_lstm.errors import CompressionError
from pynq_lstm.network import Network

TRIES = 24


def search(
    network,
    budget=None,
    max_drop=None,
    validate=None,
    cost="bytes",
    method=None,
    calibration=None,
    input_range=None,
    tries=TRIES,
    seconds=None,
    progress=None,
    share="all",
    **options,
):
    """Find the options of a compression that keep to a budget, or to a drop of accuracy.

    With a budget alone the result has the least weight error, relative to the mean square of the
    weights, which is no accuracy; with `validate`, too, the highest accuracy. With `max_drop` it
    has the least `cost` whose drop is at most that. The same arguments give the same result, on
    the same machine with the same library versions, unless `seconds` ends the search.

    Parameters
    ----------
    network : Network
    budget : Budget or mapping of its fields, optional
        Upper limits.
    max_drop : float, optional
        Points of `validate` that may be lost against the float network: percent, with labels.
    validate : tuple or callable, optional
        (x, labels) or (x, labels, lengths), or ``validate(runner) -> float``, higher is better,
        where ``runner`` has ``infer`` and ``infer_logits``: see `validation.Validation`.
        Pass neither test data nor what the scales are chosen from.
    cost : str
        What `max_drop` minimises: "bytes", "words", "multiplications" or "microseconds", which
        are modelled and need a design in the budget.
    method : str, optional
        One method of `compress`; default: all of them.
    calibration, input_range
        As `compress` takes them.
    tries : int
        Models that are made and measured at most. Before them greedy models are made, whose
        prefixes say which ranks of every set of options are worth trying.
    seconds : float, optional
        No further model is begun after so long. Finding groups for ``share="auto"`` counts, but
        once begun it is not cut short.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    share : str or sequence of sequence of int
        Of SVDn, as `compress` takes it. But "auto" means that every way to share is searched, as
        other options are: all of a pass, none, all of the network and the groups that `grouping`
        finds. What is measured decides among them, with `validate` the accuracy. Refused where
        the method or the options leave nothing that shares.
    **options
        Of the methods; those that are given are not searched.

    Returns
    -------
    SearchResult

    Raises
    ------
    CompressionError
        Nothing fits: the error says what the least was. Or an argument or option that cannot be
        taken.
    CalibrationError
        As `compress`.
    """
    if not isinstance(network, Network):
        raise CompressionError(
            "network", type(network).__name__, "not a Network", "make one with Network.from_torch"
        )
    from threadpoolctl import threadpool_limits  # only here: see `compress`

    asked = Asked(budget, max_drop, validate is not None, cost)
    number("tries", tries, 1, whole=True)
    if seconds is not None:
        number("seconds", seconds, 0)
    until = math.inf if seconds is None else time.monotonic() + seconds
    families = candidates.families(network, method, options)
    # refused before any work, of which finding groups is some
    ranges_of.calibration_input(network, calibration, input_range)
    sharings.check(network, families, share)
    validation = None
    if validate is not None:
        with threadpool_limits(limits=1):
            validation = Validation(network, validate)
    families = sharings.with_families(families, sharings.of(network, share, options))

    def make(chosen):
        return compress(
            network, calibration=calibration, input_range=input_range, progress=False, **chosen
        )

    with threadpool_limits(limits=1), bar(len(families) + tries, "model", progress) as moving:
        screens = screening.of(network, families, asked.budget, make, until, moving.update)
        arms = _arms(screens, asked.validated)
        run = Tries(make, asked, validation, tries, until, moving.update)
        with contextlib.suppress(Ended):
            asked.run(arms, run)
    chosen = run.best(asked.measure)
    if chosen is None:
        asked.refuse(arms, run.done)
    model = _told(run.model(chosen), chosen, asked, len(run.done))
    value = None if validation is None else validation.float_value
    return SearchResult(model, chosen, tuple(run.done), asked.text, value)


def _arms(screens, validated):
    """Every set of options with every solver; where it is of use, with words divided by gate."""
    found = []
    for screen in screens:
        solvers = ("greedy", "bcd") if screen.options["method"] == "svd" else (None,)
        if "solver" in screen.options:
            solvers = (screen.options["solver"],)
        # words are divided for the error of the gates, not that of the weights
        divided = validated and screen.ranks is not None
        found += [
            Arm(screen, *one) for one in product(solvers, (True, False) if divided else (False,))
        ]
    return found


def _told(model, trial, asked, count):
    """The model with what was asked and how it was found in its provenance."""
    told = {"asked": asked.text, "chosen of models": count, "chosen options": trial.name}
    if trial.drop is not None:
        told["drop on validation data"] = trial.drop
    if trial.microseconds is not None:
        told["modelled microseconds a step"] = trial.microseconds
    return model.with_provenance({**model.provenance, **told})
