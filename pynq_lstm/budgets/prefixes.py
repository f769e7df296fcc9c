"""The models of the first components of a greedy one: those of every pair of ranks."""

from dataclasses import replace

import numpy as np

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression import groups
from pynq_lstm.compression.equal_words import EqualWords
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network

EVERY, STEP = 16, 1.07  # all ranks up to so many, then a geometric row of them


class Prefixes:
    """What `compress` would make of fewer refinements.

    Parameters
    ----------
    network : Network
    model : CompressedModel or CompressedNetwork
        With the most components.
    options : dict
        Of `compress`, with which it was made, without its refinements. Where "share" is among
        them, a group has the components of a pair of ranks that take its share of the words.
    most : pair of int, optional
        The refinements that it was made with; needed where "share" is among the options.

    Attributes
    ----------
    ranks : tuple of list of int
        Of the input part and of the hidden part: those worth looking at, ascending.
    networks : list of Network
        The LSTMs of each group that shares components, as a network of their own.
    """

    def __init__(self, network, model, options, most=None):
        self._model = model
        whole = isinstance(model, CompressedNetwork)
        self._groups = model.groups if whole else (model,)
        self._held = model.held if whole else groups.passes(network)
        self.networks = [Network([network.layers[k] for k in own]) for own in self._held]
        divided = "share" in options and whole
        if not divided:
            most = [max(getattr(m, part).max_refinements for m in self._groups) for part in PARTS]
        ranks = [ranks_up_to(top) for top in most]
        if divided:
            given = {n: v for n, v in options.items() if n not in ("method", "share")}
            words = EqualWords(network, SvdOptions(**given))
            ranks, rows = zip(*(words.rows(self._held, *one) for one in zip(PARTS, ranks)))
        else:
            rows = [np.repeat(np.array(own)[:, None], len(self._held), axis=1) for own in ranks]
        self.ranks = tuple([r for r, row in zip(*one) if all(row)] for one in zip(ranks, rows))
        self._counts = [dict(zip(*one)) for one in zip(ranks, rows)]

    def groups(self, pair):
        """A `CompressedModel` of each group; `pair` are ranks of both parts."""
        counts = zip(*(rows[rank] for rows, rank in zip(self._counts, pair)))
        return [prefix(model, map(int, own)) for model, own in zip(self._groups, counts)]

    def model(self, pair):
        """The `CompressedModel` or `CompressedNetwork` of a pair of ranks."""
        return self._joined(self.groups(pair))

    def with_hidden(self, other, pair):
        """The input part of a pair of ranks, with the hidden part that another's model has of it.

        Its sizes, and so its costs, are those of the model that has both; its scales are not.
        """
        hidden = other.groups((other.ranks[0][0], pair[1]))
        own = self.groups((pair[0], self.ranks[1][0]))
        return self._joined([replace(a, hidden=b.hidden) for a, b in zip(own, hidden)])

    def _joined(self, made):
        if not isinstance(self._model, CompressedNetwork):
            return made[0]
        return replace(self._model, groups=made)


def prefix(model, ranks):
    """A model of the first components of each gate; `ranks` of the input and the hidden part."""
    parts = {name: _first(getattr(model, name), k) for name, k in zip(PARTS, ranks)}
    return replace(model, **parts)


def _first(part, refinements):
    count = part.prefix(refinements)
    arrays = {n: getattr(part, n)[:count] for n in ("u", "u_mask", "v", "v_mask", "s")}
    return replace(part, counts=tuple(min(c, refinements) for c in part.counts), **arrays)


def ranks_up_to(most):
    """Ranks worth looking at, ascending: all of the small ones, then a geometric row of them."""
    found, at = [], 1.0
    while at < most:
        found.append(int(at))
        at = max(int(at) + 1, at * STEP) if at >= EVERY else at + 1
    return found + [most]
