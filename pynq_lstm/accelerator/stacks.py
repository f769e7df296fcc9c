"""A whole stack in one start of the kernel: layer k is at step t while layer k + 1 is at t - 1.

`Plan.stacked` takes a model a layer. Here LSTMs of several layers are of one model where they share
components, and the two lanes of a pair may be two layers: a word of U and V serves both.
"""

from math import frexp

from pynq_lstm.accelerator.plan import ROUTE_SHIFTS, Pair, Plan, Segment, two_by_two
from pynq_lstm.errors import PlanError
from pynq_lstm.passes import lstms as lstms_of
from pynq_lstm.wiring import names


def of_network(network):
    """One plan of all LSTMs of a network of stacks.

    Parameters
    ----------
    network : CompressedNetwork
        Every LSTM goes forward and reads every step of one external input, or of the h of one
        other LSTM. Groups, not passes, are the models of the plan.

    Returns
    -------
    plan : Plan
    flat : tuple of int
        The LSTM of the network that each of `plan.members` is.

    Raises
    ------
    PlanError
        An LSTM that reads something else, or goes backward, by name: its network runs in passes.
    """
    below = [_read(network, k) for k in range(len(network.lstms))]
    lags, places = {}, {}
    for k in (k for own in network.members for k in own):  # what is read comes first
        lags[k] = 0 if below[k] is None else lags[below[k]] + 1
    pairs = [
        (model, own, members)
        for model, own in zip(network.groups, network.held)
        for members in two_by_two(model)
    ]
    for at, (_, own, members) in enumerate(pairs):
        places.update((own[j], (at, lane)) for lane, j in enumerate(members) if j is not None)
    made = []
    for model, own, members in pairs:
        flat = [None if j is None else own[j] for j in members]
        routes = tuple(
            None if k is None or below[k] is None else (_above(model, j, places[below[k]]),)
            for j, k in zip(members, flat)
        )
        made.append(Pair(model, members, routes, tuple(lags.get(k, 0) for k in flat)))
    plan, of = Plan(tuple(made)), {place: k for k, place in places.items()}
    return plan, tuple(of[place] for place in plan.members)


def _read(network, k):
    """The LSTM whose h LSTM k reads; None for an external input."""
    lstm, wiring = network.lstms[k], network.wiring
    (source, *others) = lstms_of.sources(network.lstms, wiring)[k] or (None,)
    term, *more = wiring.sources[lstm.model].terms
    plain = lstm.layer > 0 or not (more or term.last or term.every > 1)
    outside = lstm.layer == 0 and names.external_index(term.source) is not None
    if others or lstm.reverse or not plain or (source is None) != outside:
        raise PlanError(
            lstm.name(wiring),
            str(wiring.sources[lstm.model]),
            "not forward over every step of one input or of one h",
            "run the network in its passes",
        )
    return source


def _above(model, j, source):
    """The segment of an LSTM that takes the whole h of the one at `source`."""
    shift = model.activation_bits - frexp(model.x_inverse_scale[j])[1]  # h has 2^(A - 1) a unit
    if shift not in ROUTE_SHIFTS:
        raise PlanError(
            f"x_inverse_scale[{j}]",
            model.x_inverse_scale[j],
            f"more than 2^{ROUTE_SHIFTS[-1]} away from the scale of h",
            "run the network in its passes",
        )
    return Segment(0, model.input_sizes[j], 0, source, shift)
