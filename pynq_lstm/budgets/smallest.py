"""Within a drop of accuracy: the least of one cost."""

from pynq_lstm.budgets.arm import by_expected_error, promising

# shares of the least cost so far that are asked for, from coarse to fine, with how many of the
# most promising arms, and whether descents, which take long, are among them
ROUNDS = (
    (0.5, 2, False),
    (0.7, 3, True),
    (0.85, 4, True),
    (0.93, 4, True),
    (0.97, 6, True),
    (0.9999, 6, True),  # anything less
)
STARTS = 4  # largest models that are tried before the drop is said to be out of reach, or as
# many as there are ways to share: one of each comes first


def measure(cost):
    """What the search minimises, as a function of a trial."""
    return lambda trial: (trial.costs[cost], trial.drop)


def run(arms, tries, limits, cost):
    """Start with the least error, then ask for less and less as long as the drop allows it.

    A limit under which an arm's best model dropped too far is not asked of this arm again, nor
    is a lower one; nor of greedy components where a descent from them dropped too far.

    Parameters
    ----------
    arms : list of Arm
    tries : Tries
    limits : dict
        Of costs, by name.
    cost : str
        The name of the one that is minimised.

    Raises
    ------
    Ended
        Before everything was tried.
    """
    fast = [arm for arm in arms if arm.solver != "bcd"]
    for _, arm, at in _starts(fast or arms, limits):
        trial = arm.take(at, tries)
        if trial is not None and trial.fits:
            break
    else:
        return
    for share, most, descents in ROUNDS:
        chosen = arms if descents else fast or arms
        while _smaller(chosen, tries, limits, cost, share, most):
            pass


def _starts(arms, limits):
    """What is tried before the search gives up: the best of every way to share, then others."""
    first = promising(arms, limits)
    others = [offer for offer in by_expected_error(arms, limits) if offer not in first]
    return (first + others)[: max(STARTS, len({arm.way for arm in arms}))]


def _smaller(arms, tries, limits, cost, share, most):
    """Whether one of the arms has a model that costs at most the share of the least so far."""
    least = share * tries.best(measure(cost)).costs[cost]
    lower = {**limits, cost: least}
    offers = promising([arm for arm in arms if arm.failed < least], lower, arms)
    for _, arm, at in offers:
        if not most:
            break
        if arm.failed >= least:  # by a descent, a moment ago
            continue
        trial = arm.take(at, tries)
        if trial is not None and trial.fits and trial.costs[cost] <= least:
            return True
        most -= 1
        for other in arms:
            if other is arm or arm.solver == "bcd" and arm.is_alike(other):
                other.failed = max(other.failed, least)
    return False
