"""LSTMs in groups that share components; what each group gets is in `equal_words`."""

from pynq_lstm.compression import components
from pynq_lstm.compression.option_checks import is_integer
from pynq_lstm.errors import CompressionError
from pynq_lstm.field_checks import MAX_MODELS
from pynq_lstm.passes import order

NAMED = ("all", "none", "network")


def passes(network):
    """The LSTMs that run side by side: tuples of flat indices, by pass."""
    if network.is_side_by_side:
        return (tuple(range(len(network.layers))),)
    return order.members(network.wiring, network.stacks)


def balanced(passes, group, options):
    """Whether the error of each LSTM of a group counts relative to its own weights.

    As `options.balance` asks, else where LSTMs of several `passes` share.
    """
    if options.balance is not None:
        return options.balance
    return sum(bool(set(group) & set(own)) for own in passes) > 1


def checked(network, share):
    """Groups that a user names.

    Parameters
    ----------
    network : Network
    share : "all", "none", "network", or sequence of sequence of int
        Flat indices of LSTMs: by model, then layer, then direction.

    Returns
    -------
    tuple of tuple of int
        Each ascending; by the first pass of the network that runs some of it.

    Raises
    ------
    CompressionError
        Not each LSTM once, or a group of more than a model holds.
    """
    whole, every = passes(network), range(len(network.layers))
    if isinstance(share, str):
        if share not in NAMED:
            choice = 'pass "all", "none", "network", "auto" or lists of LSTMs'
            raise CompressionError("share", share, "unknown", choice)
        if share != "network":
            return whole if share == "all" else tuple((k,) for own in whole for k in own)
        share = [every]
    groups = _lists(share)
    if sorted(k for group in groups for k in group) != list(every):
        raise CompressionError(
            "share",
            share,
            f"not each of {len(every)} LSTMs in one group",
            "pass lists of their numbers, by model, then layer, then direction",
        )
    for group in groups:
        if len(group) > MAX_MODELS:
            raise CompressionError(
                "share", group, f"more than {MAX_MODELS} LSTMs share", "make several groups"
            )
    return ordered(network, groups)


def ordered(network, groups):
    """Groups by the first pass that runs some of each, as a tuple."""
    place = order.places(passes(network))
    return tuple(sorted(groups, key=lambda group: (min(place[k] for k in group), group)))


def _lists(share):
    """Groups as sorted tuples; none if they are not lists of integers, each with some."""
    try:
        groups = [tuple(group) for group in share]
    except TypeError:
        return []
    good = all(group and all(map(is_integer, group)) for group in groups)
    return [tuple(sorted(int(k) for k in group)) for group in groups] if good else []


def asked(options, side, shape):
    """Refinements of a part that are asked for, int.

    Parameters
    ----------
    options : SvdOptions
    side : str
    shape : (int, int, int)
        As of `shape`.

    Raises
    ------
    CompressionError
        Words, or several numbers: these are not divided among groups.
    """
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


def shape(network, group, side):
    """LSTMs of a group, and inputs and units of one gate's matrices, smaller ones padded."""
    layers = [network.layers[k] for k in group]
    hidden = max(layer.hidden_size for layer in layers)
    rows = hidden if side == "hidden" else max(layer.input_size for layer in layers)
    return len(layers), rows, hidden
