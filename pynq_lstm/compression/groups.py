"""LSTMs of one pass in groups that share components: what each group gets at equal words."""

from dataclasses import replace

from pynq_lstm.compression import components
from pynq_lstm.compression.option_checks import is_integer
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.passes import order


def passes(network):
    """The LSTMs that could share components: tuples of flat indices, by pass."""
    if network.is_side_by_side:
        return (tuple(range(len(network.layers))),)
    return order.members(network.wiring, network.stacks)


def checked(network, share):
    """Groups that a user names.

    Parameters
    ----------
    network : Network
    share : "all", "none", or sequence of sequence of int
        Flat indices of LSTMs: by model, then layer, then direction.

    Returns
    -------
    tuple of tuple of int
        Ordered as the passes of the network.

    Raises
    ------
    CompressionError
        Not each LSTM once, or a group with LSTMs of several passes.
    """
    whole = passes(network)
    if isinstance(share, str):
        if share not in ("all", "none"):
            choice = 'pass "all", "none", "auto" or lists of LSTMs'
            raise CompressionError("share", share, "unknown", choice)
        return whole if share == "all" else tuple((k,) for own in whole for k in own)
    groups = _lists(share)
    if sorted(k for group in groups for k in group) != list(range(len(network.layers))):
        raise CompressionError(
            "share",
            share,
            f"not each of {len(network.layers)} LSTMs in one group",
            "pass lists of their numbers, by model, then layer, then direction",
        )
    place = {k: p for p, own in enumerate(whole) for k in own}
    for group in groups:
        if len({place[k] for k in group}) > 1:
            raise CompressionError(
                "share",
                group,
                "LSTMs of several passes, which run one after another",
                f"choose groups within {list(map(list, whole))}",
            )
    return tuple(sorted(groups, key=lambda group: (place[group[0]], group)))


def _lists(share):
    """Groups as sorted tuples; none if they are not lists of integers, each with some."""
    try:
        groups = [tuple(group) for group in share]
    except TypeError:
        return []
    good = all(group and all(map(is_integer, group)) for group in groups)
    return [tuple(sorted(int(k) for k in group)) for group in groups] if good else []


def options_of(network, group, options):
    """The options of a group: as many words as its share of those of its whole pass.

    The pass would take R components of w words for N LSTMs; n of these alone, with components of
    w' words, take floor(R w n / (N w')).

    Parameters
    ----------
    network : Network
    group : tuple of int
        Of one pass.
    options : SvdOptions
        `refinements` a number, a pair or None.

    Returns
    -------
    SvdOptions or None
        With `refinements` as a pair; None where that is less than one component.
    """
    found = tuple(count_of(network, group, options, side) for side in PARTS)
    return replace(options, refinements=found) if all(found) else None


def count_of(network, group, options, side):
    """Components of one part of a group, as `options_of` has them; 0 where it has none.

    Returns
    -------
    int
    """
    own = next(own for own in passes(network) if set(group) <= set(own))
    shape = _shape(network, own, side)
    count = _asked(options, side, shape) * components.words(options, side, *shape) * len(group)
    shape = _shape(network, group, side)
    count //= len(own) * components.words(options, side, *shape)
    return min(count, components.most(options, side, *shape))


def _asked(options, side, shape):
    counts = set(components.asked(options, side, *shape))
    if options.words is not None or len(counts) > 1:
        name = "refinements" if options.words is None else "words"
        raise CompressionError(
            name,
            getattr(options, name),
            "not to be divided among groups of LSTMs",
            "pass refinements of one number for each part",
        )
    return counts.pop()


def _shape(network, group, side):
    layers = [network.layers[k] for k in group]
    hidden = max(layer.hidden_size for layer in layers)
    rows = hidden if side == "hidden" else max(layer.input_size for layer in layers)
    return len(layers), rows, hidden
