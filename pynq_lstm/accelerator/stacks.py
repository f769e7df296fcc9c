"""A whole network in one start of the kernel: layer k is at step t while layer k + 1 is at t - 1.

`Plan.stacked` takes a model a layer. Here LSTMs of several layers are of one model where they share
components, and the two lanes of a pair may be two layers: a word of U and V serves both.
"""

from math import frexp

from pynq_lstm.accelerator import waves
from pynq_lstm.accelerator.plan import ROUTE_SHIFTS, Pair, Plan, Segment, two_by_two
from pynq_lstm.errors import PlanError
from pynq_lstm.wiring import names
from pynq_lstm.wiring.expression import Expression

REMEDY = "run the network in its passes"


def of_network(network):
    """One plan of all LSTMs of a network.

    Parameters
    ----------
    network : CompressedNetwork
        Every LSTM goes forward and reads every step: external inputs and h of other LSTMs,
        concatenated, or sums of either. Groups, not passes, are the models of the plan.

    Returns
    -------
    plan : Plan
        The external input of each of `plan.members` is what `outside` says.
    flat : tuple of int
        The LSTM of the network that each of `plan.members` is.

    Raises
    ------
    PlanError
        An LSTM that reads something else, or goes backward, or reads h on a coarser grid or of
        several steps, by name: its network runs in passes.
    """
    for k in range(len(network.lstms)):
        _check(network, k)
    lags = waves.lags(network)
    pairs = [
        (model, own, members)
        for model, own in zip(network.groups, network.held)
        for members in two_by_two(model)
    ]
    places = {}
    for at, (_, own, members) in enumerate(pairs):
        places.update((own[j], (at, lane)) for lane, j in enumerate(members) if j is not None)
    made = []
    for model, own, members in pairs:
        flat = [None if j is None else own[j] for j in members]
        routes = tuple(
            None if j is None else _route(network, model, j, own[j], places) for j in members
        )
        made.append(Pair(model, members, routes, tuple(lags.get(k, 0) for k in flat)))
    plan, of = Plan(tuple(made)), {place: k for k, place in places.items()}
    return plan, tuple(of[place] for place in plan.members)


def outside(network, k):
    """What LSTM k reads of the external inputs, an `Expression`; None: nothing."""
    lstm = network.lstms[k]
    if lstm.layer:
        return None
    parts = [part for part in network.wiring.sources[lstm.model].parts if _is_outside(part)]
    return Expression(parts) if parts else None


def refinements(network, asked):
    """The prefix of a RUN of `of_network`'s plan that gives what the passes give.

    A pass has only the components that its LSTMs use where only all of a group together are a
    model; the group may have more than any of its passes.

    Parameters
    ----------
    network : CompressedNetwork
    asked : int
        As `CompressedNetwork.served` returns it.

    Returns
    -------
    int

    Raises
    ------
    PlanError
        There is none: a group needs a longer prefix than another one may run.
    """
    whole = {m: m.prefixes == (m.max_refinements,) for m in network.groups}
    found = max([asked, *(m.max_refinements for m in network.groups if whole[m])])
    for model in network.groups:
        most = model.max_refinements
        if not whole[model] and min(found, most) != min(asked, most):
            problem = f"another group has {found} components, which run together only"
            raise PlanError("refinements", asked, problem, REMEDY)
    return found


def _is_outside(part):
    return names.external_index(part[0].source) is not None


def _refuse(network, k, problem):
    lstm = network.lstms[k]
    source = str(network.wiring.sources[lstm.model])
    raise PlanError(lstm.name(network.wiring), source, problem, REMEDY)


def _check(network, k):
    """Refuse what no route can bring to LSTM k."""
    lstm = network.lstms[k]
    source = network.wiring.sources[lstm.model]
    if lstm.reverse or any(term.last or term.every > 1 for term in source.terms):
        _refuse(network, k, "not forward over every step")
    for part in source.parts:
        if len({names.external_index(term.source) is None for term in part}) > 1:
            _refuse(network, k, "adds h to an external input, which is rounded after the sum")


def _route(network, model, j, k, places):
    """The segments of LSTM k, which is LSTM j of `model`."""
    lstm, wiring = network.lstms[k], network.wiring
    if lstm.layer:
        return (Segment(0, model.input_sizes[j], 0, places[k - 1], _shift(network, model, j, k)),)
    tops = {wiring.names[one.model]: n for n, one in enumerate(network.lstms)}  # the last of each
    route, offset, taken = [], 0, 0  # elements of x, and of the external input, so far
    for part in wiring.sources[lstm.model].parts:
        index = names.external_index(part[0].source)
        if index is None:
            size = network.hidden_sizes[network.lstms[tops[part[0].source]].model]
            shift = _shift(network, model, j, k)
            sources = [places[tops[term.source]] for term in part]
            route += [Segment(0, size, offset, source, shift) for source in sources]
        else:
            size = network.input_sizes[index]
            if route and route[-1].source is None:  # goes on where the one before it ends
                last = route.pop()
                route.append(Segment(last.start, last.length + size, last.offset))
            else:
                route.append(Segment(taken, size, offset))
            taken += size
        offset += size
    return tuple(route)


def _shift(network, model, j, k):
    """What brings h to the grid of the x of LSTM k; h has 2^(A - 1) codes a unit."""
    shift = model.activation_bits - frexp(model.x_inverse_scale[j])[1]
    if shift not in ROUTE_SHIFTS:
        limit = f"more than 2^{ROUTE_SHIFTS[-1]} away from the scale of h"
        raise PlanError(f"x_inverse_scale[{j}]", model.x_inverse_scale[j], limit, REMEDY)
    if shift > 0:  # docs/numerics.md, section 9: x would be rounded another way
        _refuse(network, k, "reads h on a grid that is coarser than that of h")
    return shift
