"""Within a budget and with validation: the highest accuracy."""

import math

from pynq_lstm.budgets.arm import promising

SHARE = 2 / 3  # of the tries goes into the arms, the rest into the ranks of the best
STALE = 4  # models without a gain after which an arm is left
P_BITS = 12  # of the scaled dot products, instead of 10: no weight error, and no bytes


def measure(trial):
    """What the search minimises."""
    return -trial.accuracy, trial.relative_error, trial.bytes


def run(arms, tries, limits):
    """One model of every promising arm, then other divisions of the budget between the parts.

    Parameters
    ----------
    arms : list of Arm
    tries : Tries
    limits : dict
        Of costs, by name.

    Raises
    ------
    Ended
        Before everything was tried.
    """
    made = {}
    for _, arm, at in promising(arms, limits)[: math.ceil(SHARE * tries.most)]:
        trial = arm.take(at, tries)
        if trial is not None and trial.fits:
            made[arm] = measure(trial)
    _finer_products(tries)
    for arm in sorted(made, key=made.get):
        if not arm.allotted:  # whose words are divided already
            _divisions(arm, tries, limits)


def _finer_products(tries):
    """The best model with more bits for its dot products, where no design sets them."""
    best = tries.best(measure)
    free = best is not None and best.options["method"] == "svd" and best.microseconds is None
    if free and best.options.get("activation_bits", 8) == 8 and "p_bits" not in best.options:
        tries.trial({**best.options, "p_bits": P_BITS})


def _divisions(arm, tries, limits):
    """Other ranks of the two parts, as long as one of the last few was the best of all."""
    stale = 0
    for at in arm.edge(limits):
        before = tries.best(measure)
        arm.take(at, tries)
        stale = 0 if tries.best(measure) is not before else stale + 1
        if stale == STALE:
            return
