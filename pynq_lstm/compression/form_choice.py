"""The forms of several parts that leave the least error together, within a budget of words."""

import itertools
import math

FEW = 4  # choices that are all tried: those of the two parts of one model
ROUNDS = 8  # of the descent over more of them; it ends where no part is better in another form


def affordable(least, words):
    """Every choice of forms that the words pay for.

    Parameters
    ----------
    least : list of dict of int
        Words of one component of each list, by part and form.
    words : int

    Returns
    -------
    list of tuple of str
        Empty where there are more than `FEW`, affordable or not.
    """
    if math.prod(map(len, least)) > FEW:
        return []
    return [forms for forms in itertools.product(*least) if _cost(least, forms) <= words]


def descend(least, words, error):
    """Let one part after another take the form that leaves less, the others as they are.

    It begins with the better of the fewest words for a component of each list, and of the first
    form everywhere.

    Parameters
    ----------
    least, words
        As of `affordable`.
    error : callable
        ``error(forms) -> float``, of a choice that the words pay for.
    """
    now = tuple(min(own, key=lambda form: own[form]) for own in least)
    first = tuple(next(iter(own)) for own in least)
    if _cost(least, first) <= words:
        now = min(first, now, key=error)
    for _ in range(ROUNDS):
        before = now
        for place, own in enumerate(least):
            ways = [(*now[:place], form, *now[place + 1 :]) for form in own]
            now = min(*ways, now, key=lambda w: error(w) if _cost(least, w) <= words else math.inf)
        if now == before:
            return


def _cost(least, forms):
    return sum(own[form] for own, form in zip(least, forms))
