"""SVD1 of an answer: LSTMs that share nothing, with the fewest components that meet the goal.

At the words of the answer LSTMs that share nothing have fewer components each, and lose more; a
baseline that misses the goal is no baseline. So its ranks are chosen anew, as a search would.
"""

from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import families


def fewest(network, options, make, good):
    """The options with the least ranks that are good enough, where nothing is shared.

    Both ranks are raised or lowered together, rung by rung of those that are searched, then each by
    itself as far as it goes. More components are taken to be no worse, as in the search.

    Parameters
    ----------
    network : Network
    options : dict
        Of `compress`: of the answer, without "share".
    make : callable
        ``make(options)`` compresses.
    good : callable
        ``good(model) -> bool``.

    Returns
    -------
    dict
        Options, with "share".

    Raises
    ------
    CompressionError
        Options that do not go without sharing, or none of their ranks is good enough.
    """
    alone = {**options, "share": "none"}
    started = _pair(options.get("refinements"))
    if started is None:  # of words, or by gate: there are no ranks to choose from
        if not good(make(alone)):
            name = "refinements" if "refinements" in options else "words"
            _refuse(name, options.get(name), "these")
        return alone
    rest = {name: value for name, value in options.items() if name != "refinements"}
    found = families.of_ranks(network, "svd1", {**rest, "share": "none"})
    if not found:
        raise CompressionError(
            "options", rest, "do not go with LSTMs that share nothing", "use others"
        )
    (family,) = found
    tops = [len(own) - 1 for own in family.ranks]
    start = [
        min(sum(rank < asked for rank in own), top)
        for own, asked, top in zip(family.ranks, started, tops)
    ]
    known = {}

    def is_good(at):
        if at not in known:
            known[at] = good(make(family.chosen(at)))
        return known[at]

    def together(step):
        return tuple(min(max(at + step, 0), top) for at, top in zip(start, tops))

    lowest, highest = -max(start), max(top - at for top, at in zip(tops, start))
    step = _least(lambda n: is_good(together(n)), lowest, 0, highest)
    if step is None:
        _refuse("refinements", family.chosen(together(highest))["refinements"], "any")
    at = together(step)
    first = _least(lambda n: is_good((n, at[1])), 0, at[0], at[0])
    second = _least(lambda n: is_good((first, n)), 0, at[1], at[1])
    return family.chosen((first, second))


def _pair(refinements):
    """Ranks of both parts; None where they are not one number each."""
    pair = refinements if isinstance(refinements, (tuple, list)) else (refinements,) * 2
    return tuple(pair) if len(pair) == 2 and all(isinstance(n, int) for n in pair) else None


def _least(is_good, low, start, high):
    """The least number of `low` to `high` that is good if all above are; looked for from `start`.

    None: not even `high` is. What is far from `start` is looked at only where it must be, since
    many components take long to make.
    """
    below, above = low - 1, None  # known to be bad, or out of range; known to be good
    at, stride = start, 1
    while above is None or above - below > 1:
        if is_good(at):
            above = at
        elif at == high:
            return None
        else:
            below = max(below, at)
        if above is None:
            at, stride = min(at + stride, high), 2 * stride
        elif below < low:  # nothing bad was seen yet
            at, stride = max(above - stride, low), 2 * stride
        else:
            at = (below + above) // 2
    return above


def _refuse(name, value, which):
    raise CompressionError(
        name,
        value,
        f"LSTMs that share nothing do not meet the goal with {which}",
        "allow more, or leave the baseline out",
    )
