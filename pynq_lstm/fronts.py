"""The front of two costs: what nothing else beats in both."""

import math


def front(items, cost, loss):
    """Those that no other is better than in one and at least as good as in the other.

    Parameters
    ----------
    items : iterable
        Of equal ones the first stays.
    cost, loss : callable
        Of an item, float; lower is better. An item whose loss is not finite is on no front.

    Returns
    -------
    list
        By rising `cost`, and so by falling `loss`.
    """
    found, least = [], math.inf
    for one in sorted(items, key=lambda item: (cost(item), loss(item))):
        if loss(one) < least:
            found.append(one)
            least = loss(one)
    return found
