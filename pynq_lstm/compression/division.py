"""Words divided among lists of components, one after another; forms chosen by what is left."""

import heapq
import math

from pynq_lstm.compression import form_choice
from pynq_lstm.compression.progress import bar
from pynq_lstm.errors import CalibrationError, CompressionError


def divide(parts, words, progress, or_equal=False):
    """Choose a form of each part, and the components of each of its lists.

    Parameters
    ----------
    parts : list of dict of list of Curve
        Of each part the curves of its lists, by form.
    words : int
    progress : bool, optional
        Of `progress.bar`.
    or_equal : bool
        Whether as many components of every list are taken instead where these leave less.

    Returns
    -------
    forms : tuple of str
        Of each part.
    counts : list of list of int
        Components of each list, by part.
    errors : dict of float
        What is left of the expected squared error of the gates, as a share, by every choice of
        forms that was looked at.

    Raises
    ------
    CompressionError
        Fewer words than one component of each list takes.
    CalibrationError
        Nothing reaches the gates.
    """
    least = [{form: sum(c.words for c in own[form]) for form in own} for own in parts]
    _check(words, least)
    found, few = {}, form_choice.affordable(least, words)
    with bar(words * len(few) or None, "word", progress) as moving:

        def error(forms):
            if forms not in found:
                lists = [curve for own, form in zip(parts, forms) for curve in own[form]]
                counts = fill(lists, words, moving.update)
                if or_equal:
                    ways = counts, equal(lists, words)
                    counts = min(ways, key=lambda counts: _left(lists, counts))
                found[forms] = _left(lists, counts) / _whole(lists), counts
            return found[forms][0]

        for forms in few:
            error(forms)
        if not few:
            form_choice.descend(least, words, error)
    best = min(found, key=lambda forms: found[forms][0])
    counts = iter(found[best][1])
    by_part = [[next(counts) for _ in own[form]] for own, form in zip(parts, best)]
    return best, by_part, {forms: one for forms, (one, _) in found.items()}


def _check(words, least):
    """Refuse fewer words than the cheapest forms of all parts take."""
    fewest = sum(min(own.values()) for own in least)
    if words < fewest:
        raise CompressionError(
            "words",
            words,
            f"too few for one component of each list: they take {fewest}",
            f"pass at least {fewest}",
        )


def _whole(lists):
    """The expected error without components."""
    whole = sum(curve.whole for curve in lists)
    if not whole > 0:
        raise CalibrationError(
            "calibration",
            0.0,
            "zero everywhere: it does not tell where words pay",
            "pass typical inputs, or refinements instead of words",
        )
    return whole


def _left(lists, counts):
    return sum(curve.left(count) for curve, count in zip(lists, counts))


def fill(lists, words, step=lambda words: None):
    """Components of each list: one each, and further ones as long as they pay and fit.

    Parameters
    ----------
    lists : list of Curve
    words : int
        At least those of one component of each.
    step : callable
        Called with the words that have gone to a list.

    Returns
    -------
    list of int
    """
    counts, free = [1] * len(lists), words
    waiting = []
    for k, curve in enumerate(lists):
        free -= curve.words
        step(curve.words)
        heapq.heappush(waiting, (-curve.pace(1) / curve.words, k))
    while waiting:
        gain, k = heapq.heappop(waiting)
        if gain >= 0 or lists[k].words > free:
            continue  # it pays no more, or does not fit; a list of shorter vectors may
        counts[k] += 1
        free -= lists[k].words
        step(lists[k].words)
        heapq.heappush(waiting, (-lists[k].pace(counts[k]) / lists[k].words, k))
    return counts


def equal(lists, words):
    """The same number for every list, or all that it may have: of those that fit, the best.

    Parameters
    ----------
    lists : list of Curve
    words : int
        At least those of one component of each.

    Returns
    -------
    list of int
    """
    left, free = sum(curve.whole for curve in lists), words
    best, least = None, math.inf
    for rank in range(1, max(curve.most for curve in lists) + 1):
        longer = [curve for curve in lists if curve.most >= rank]
        free -= sum(curve.words for curve in longer)
        if free < 0:
            break
        left -= sum(curve.fall(rank - 1) for curve in longer)
        if left < least:
            best, least = rank, left
    return [min(best, curve.most) for curve in lists]
