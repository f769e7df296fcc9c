"""Which LSTMs of a network run in one pass: the one rule, and what any other order must keep."""

import math

from pynq_lstm.field_checks import MAX_MODELS, refuse
from pynq_lstm.passes import lstms as lstms_of


def members(wiring, stacks):
    """The LSTMs of each pass: all of one depth and one rate together.

    The depth of an LSTM is the number of LSTMs on the longest way to it, layers of one model
    included; what it reads has a smaller one. Passes are ordered by depth, then from every step
    to once a sequence. What would be more than a model holds is cut into several passes.

    Parameters
    ----------
    wiring : Wiring
    stacks : sequence of Stack

    Returns
    -------
    tuple of tuple of int
        Flat indices: by model, then layer, then direction.
    """
    below, index = [0] * len(stacks), {name: j for j, name in enumerate(wiring.names)}
    for j in wiring.order:
        read = [index[t.source] for t in wiring.sources[j].terms if t.source in index]
        below[j] = max((below[i] + stacks[i].num_layers for i in read), default=0)
    groups = {}
    for k, lstm in enumerate(lstms_of.of(stacks)):
        rate = wiring.rates[lstm.model]
        key = below[lstm.model] + lstm.layer, math.inf if rate is None else rate
        groups.setdefault(key, []).append(k)
    return tuple(
        tuple(groups[key][at : at + MAX_MODELS])
        for key in sorted(groups)
        for at in range(0, len(groups[key]), MAX_MODELS)
    )


def passes(groups, wiring, stacks):
    """The LSTMs of each pass where none of them holds LSTMs of several groups.

    Parameters
    ----------
    groups : sequence of sequence of int
        Flat indices, each once.
    wiring : Wiring
    stacks : sequence of Stack

    Returns
    -------
    tuple of tuple of int
        Each group cut along `members`; in the order of these.
    """
    place = places(members(wiring, stacks))
    found = {}
    for g, group in enumerate(groups):
        for k in group:
            found.setdefault((place[k], g), []).append(k)
    cut = [(p, tuple(own)) for (p, _), own in found.items()]
    return tuple(own for _, own in sorted(cut))


def places(members):
    """The pass of each LSTM, a dict."""
    return {k: p for p, own in enumerate(members) for k in own}


def check(members, lstms, wiring):
    """Refuse passes of several rates, or with LSTMs that read what no earlier pass gives.

    Parameters
    ----------
    members : tuple of tuple of int
        With each LSTM once.
    lstms : tuple of Lstm
    wiring : Wiring

    Raises
    ------
    ModelFormatError
    """
    done, sources = set(), lstms_of.sources(lstms, wiring)
    for p, own in enumerate(members):
        field = f"members[{p}]"
        if len({wiring.rates[lstms[k].model] for k in own}) != 1:
            refuse(field, own, "not LSTMs of one rate")
        for k in own:
            if not sources[k] <= done:
                refuse(field, k, "reads what no earlier pass gives")
        done |= set(own)
