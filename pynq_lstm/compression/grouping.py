"""Which LSTMs are worth sharing u and v: measured errors at equal stored words."""

from dataclasses import asdict, dataclass, fields
from typing import Optional, Tuple

import numpy as np

from pynq_lstm.compression import groups as of
from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.progress import bar
from pynq_lstm.errors import CompressionError
from pynq_lstm.model_size import multiplications, parameters
from pynq_lstm.network import Network

# Share of the error that a merge has to gain. Components that are shared are computed by every LSTM
# of the group, so that less than this is not worth the multiplications.
LEAST = 0.01
NOISE = (-1.0, 1.0)  # x of the groups that are measured: weight errors hardly depend on it


@dataclass(frozen=True)
class Sharing:
    """What a way to share costs.

    Attributes
    ----------
    error : float
        Of the weights, relative to their mean square.
    words : int
        Stored words of the weights.
    multiplications : int
        Of a step of all LSTMs.
    """

    error: float
    words: int
    multiplications: int


@dataclass(frozen=True)
class Grouping:
    """Groups of LSTMs, and what they are worth at no more words than all sharing takes.

    Attributes
    ----------
    groups : tuple of tuple of int
        Flat indices of LSTMs: by model, then layer, then direction. What `compress` takes as
        `share`.
    found : Sharing
        Of these groups.
    together : Sharing
        Of all LSTMs of a pass in one group.
    apart : Sharing or None
        Of every LSTM alone; None where that is less than one component.
    """

    groups: Tuple[Tuple[int, ...], ...]
    found: Sharing
    together: Sharing
    apart: Optional[Sharing]

    @property
    def gain(self):
        """Share of the error that is saved, of the better of all together and all apart."""
        best = min(way.error for way in (self.together, self.apart) if way is not None)
        return 1 - self.found.error / best if best else 0.0

    def as_dict(self):
        """For JSON."""
        return {**asdict(self), "groups": [list(group) for group in self.groups], "gain": self.gain}


def grouping(network, progress=None, **options):
    """Find the groups of LSTMs that share components best.

    Within each pass of the network every LSTM starts alone, and the two groups are merged whose
    sharing lowers the error most at equal words, as long as it lowers it. Each group that is
    looked at is compressed: about the square of the number of LSTMs in a pass.

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
    chosen, known = SvdOptions(**options), {}
    whole, found = of.passes(network), []
    with bar(sum(len(own) ** 2 for own in whole), "group", progress) as moving:

        def group(own):
            if own not in known:
                known[own] = _measured(network, own, chosen)
                moving.update()
            return known[own]

        for own in whole:
            found += _merged([(k,) for k in own], lambda members: group(members).error)
            group(own)
    energy = sum(_energy(network, own) for own in whole)
    ways = [
        _sum([known[own] for own in ways], energy)
        for ways in (found, whole, [(k,) for own in whole for k in own])
    ]
    return Grouping(tuple(found), *ways)


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
    groups = list(groups)
    while len(groups) > 1:
        pairs = [(a, b) for n, a in enumerate(groups) for b in groups[n + 1 :]]
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
    return Sharing(error, parameters(model), multiplications(model))


def _energy(network, group):
    weights = [w for k in group for w in (network.layers[k].w_ih, network.layers[k].w_hh)]
    return sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
