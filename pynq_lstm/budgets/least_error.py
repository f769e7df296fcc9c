"""Within a budget and without validation: the least weighted error."""

from pynq_lstm.budgets.arm import by_expected_error

GAIN = 1e-3  # share of the error that a further model has to promise


def measure(trial):
    """What the search minimises."""
    return trial.relative_error, trial.bytes


def run(arms, tries, limits):
    """Try what promises most until nothing promises to be better than the best so far.

    The best greedy model comes first: it is made fast, and what descents promise is measured
    against it.

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
    fast = [arm for arm in arms if arm.solver != "bcd"]
    for _, arm, at in by_expected_error(fast, limits)[:1]:
        arm.take(at, tries)
    while offers := by_expected_error(arms, limits):
        expected, arm, at = offers[0]
        best = tries.best(measure)
        if best is not None and expected >= best.relative_error * (1 - GAIN):
            return
        arm.take(at, tries)
