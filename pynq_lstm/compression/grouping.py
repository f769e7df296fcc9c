"""Which LSTMs are worth sharing u and v: measured errors at equal stored words."""

from dataclasses import fields

import numpy as np

from pynq_lstm.compression import groups as of
from pynq_lstm.compression.compress import compress
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
    are merged likewise, from those of the passes and once more from single LSTMs; the way with
    the least error is kept. Each group that is looked at is compressed: about the square of the
    number of LSTMs.

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

        def measured(group):
            if group not in known:
                known[group] = _measured(network, group, chosen)
                moving.update()
            return known[group]

        def lost(group):
            return measured(group).error

        found, within, one = _ways(whole, apart, lost)
        found = of.ordered(network, found)
        energy = sum(_energy(network, own) for own in whole)
        sharings = [
            None if groups is None else _sum([measured(own) for own in groups], energy)
            for groups in (found, within, whole, apart, one)
        ]
    passes_of = order.places(whole)
    across = any(len({passes_of[k] for k in group}) > 1 for group in found)
    return Grouping(found, *sharings, across)


def _ways(whole, apart, lost):
    """The best groups, the best of those within passes, and all in one, which may be None."""
    within = [group for own in whole for group in _merged([(k,) for k in own], lost)]
    within = _best([within, whole], lost)
    ways, every, one = [within], tuple(sorted(k for own in whole for k in own)), None
    if len(whole) > 1:
        ways += [_merged(within, lost), _merged(apart, lost)]
    if len(every) <= MAX_MODELS:
        one = [every]
        ways.append(one)
    return _best(ways, lost), within, one


def _best(ways, lost):
    """The first way whose error is less than `LEAST` above the least."""
    errors = [sum(map(lost, groups)) for groups in ways]
    return next(g for g, e in zip(ways, errors) if (1 - LEAST) * e <= min(errors))


def _sum(groups, energy):
    """One `Sharing` of those of groups, whose errors are squares; None where one has no model."""
    if any(not group.words for group in groups):
        return None
    error = sum(group.error for group in groups) / energy if energy else 0.0
    return Sharing(
        error, *(sum(getattr(g, n) for g in groups) for n in ("words", "multiplications"))
    )


def _merged(groups, lost):
    """Merge the two groups with the largest gain while there is one; sorted tuples."""
    groups = sorted(groups)
    while len(groups) > 1:
        pairs = [(a, b) for n, a in enumerate(groups) for b in groups[n + 1 :]]
        pairs = [(a, b) for a, b in pairs if len(a) + len(b) <= MAX_MODELS]
        if not pairs:
            break
        gains = [lost(a) + lost(b) - lost(_joined(a, b)) for a, b in pairs]
        best = int(np.argmax(gains))
        a, b = pairs[best]
        if gains[best] <= LEAST * sum(map(lost, groups)):
            break
        groups = sorted([group for group in groups if group not in (a, b)] + [_joined(a, b)])
    return groups


def _joined(a, b):
    return tuple(sorted(a + b))


def _measured(network, group, options):
    """A `Sharing` of one group at its share of the words; the error is a sum of squares."""
    own, energy = of.options_of(network, group, options), _energy(network, group)
    if own is None:
        return Sharing(energy, 0, 0)
    alone = Network([network.layers[k] for k in group])
    given = {f.name: getattr(own, f.name) for f in fields(own)}
    model = compress(alone, input_range=NOISE, progress=False, **given)
    error = energy * model.provenance["relative weight error"]
    runs = order.passes([group], network.wiring, network.stacks)
    cuts = (cut(model, [group.index(k) for k in own]) for own in runs)
    return Sharing(error, parameters(model), sum(map(multiplications, cuts)))


def _energy(network, group):
    weights = [w for k in group for w in (network.layers[k].w_ih, network.layers[k].w_hh)]
    return sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
