"""Which LSTMs are worth sharing u and v: measured errors at equal stored words."""

from dataclasses import fields

import numpy as np

from pynq_lstm.compression import groups as of
from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.equal_words import EqualWords
from pynq_lstm.compression.grouped import Grouping, Sharing
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.progress import bar
from pynq_lstm.errors import CompressionError
from pynq_lstm.field_checks import MAX_MODELS
from pynq_lstm.model_size import multiplications, parameters
from pynq_lstm.network import Network
from pynq_lstm.passes import order
from pynq_lstm.passes.cut import cut

# Share of the error that a merge has to gain. Components that are shared are computed by every LSTM
# of the group, so that less than this is not worth the multiplications.
LEAST = 0.01
NOISE = (-1.0, 1.0)  # x of the groups that are measured: weight errors hardly depend on it


def grouping(network, progress=None, **options):
    """Find the groups of LSTMs that share components best.

    Within each pass of the network every LSTM starts alone, and the two groups are merged whose
    sharing lowers the error most at equal words, as long as it lowers it. Groups across passes
    are merged likewise, from those of the passes and once more from single LSTMs. What is lowered
    is the error that quick greedy components of each group have: about the square of the number
    of LSTMs. The ways that are found, all of a pass together, all apart and all in one are then
    compressed with the options as they are, and the way with the least error is kept.

    Parameters
    ----------
    network : Network
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    **options
        Fields of `SvdOptions`; `refinements` are those of all LSTMs of a pass together.

    Returns
    -------
    Grouping

    Raises
    ------
    CompressionError
        An unknown option, or a value that the network does not allow.
    """
    if not isinstance(network, Network):
        raise CompressionError(
            "network", type(network).__name__, "not a Network", "make one with Network.from_torch"
        )
    names = [f.name for f in fields(SvdOptions)]
    for name in options:
        if name not in names:
            raise CompressionError(name, options[name], "unknown", f"choose from {names}")
    chosen, known, whole = SvdOptions(**options), {}, of.passes(network)
    apart = [(k,) for own in whole for k in own]
    with bar(len(apart) ** 2, "group", progress) as moving:
        words = EqualWords(network, chosen, moving.update)

        def measured(groups):
            """A `Sharing` of a whole way; None where the words do not pay a part of some group."""
            each = words.options_of(groups)
            if not all(each.values()):
                return None
            for own in each.items():
                if own not in known:
                    known[own] = _measured(network, *own)
            return _sum([known[own] for own in each.items()], energy)

        energy = _energy(network, [k for own in whole for k in own])
        found, within, one = _ways(whole, apart, words.left, measured)
        found = of.ordered(network, found)
        sharings = [
            None if groups is None else measured(groups)
            for groups in (found, within, whole, apart, one)
        ]
    passes_of = order.places(whole)
    across = any(len({passes_of[k] for k in group}) > 1 for group in found)
    return Grouping(found, *sharings, across)


def _ways(whole, apart, left, measured):
    """The best groups, the best of those within passes, and all in one, which may be None."""
    within = [group for own in whole for group in _merged([(k,) for k in own], left)]
    within = _best([apart, within, list(whole)], measured)
    ways, every, one = [within], tuple(sorted(k for own in whole for k in own)), None
    if len(whole) > 1:
        ways += [_merged(within, left), _merged(apart, left)]
    if len(every) <= MAX_MODELS:
        one = [every]
        ways.append(one)
    return _best(ways, measured), within, one


def _best(ways, measured):
    """The first way whose error is less than `LEAST` above the least."""
    found = [(groups, measured(groups)) for groups in ways]
    found = [(groups, sharing.error) for groups, sharing in found if sharing is not None]
    least = min(error for _, error in found)
    return next(groups for groups, error in found if (1 - LEAST) * error <= least)


def _sum(groups, energy):
    """One `Sharing` of those of groups, whose errors are squares."""
    error = sum(group.error for group in groups) / energy if energy else 0.0
    return Sharing(
        error, *(sum(getattr(g, n) for g in groups) for n in ("words", "multiplications"))
    )


def _merged(groups, left):
    """Merge the two groups with the largest gain while there is one; sorted tuples."""
    groups = sorted(groups)
    while len(groups) > 1:
        pairs = [(a, b) for n, a in enumerate(groups) for b in groups[n + 1 :]]
        ways = [_with(groups, a, b) for a, b in pairs if len(a) + len(b) <= MAX_MODELS]
        if not ways:
            break
        before, after = left(groups), [left(way) for way in ways]
        if before - min(after) <= LEAST * before:
            break
        groups = ways[int(np.argmin(after))]
    return groups


def _with(groups, a, b):
    """Groups with two of them merged."""
    return sorted([group for group in groups if group not in (a, b)] + [_joined(a, b)])


def _joined(a, b):
    return tuple(sorted(a + b))


def _measured(network, group, options):
    """A `Sharing` of one group; the error is a sum of squares."""
    alone = Network([network.layers[k] for k in group])
    given = {f.name: getattr(options, f.name) for f in fields(options)}
    model = compress(alone, input_range=NOISE, progress=False, **given)
    error = _energy(network, group) * model.provenance["relative weight error"]
    runs = order.passes([group], network.wiring, network.stacks)
    cuts = (cut(model, [group.index(k) for k in own]) for own in runs)
    return Sharing(error, parameters(model), sum(map(multiplications, cuts)))


def _energy(network, group):
    weights = [w for k in group for w in (network.layers[k].w_ih, network.layers[k].w_hh)]
    return sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
