"""How groups of LSTMs divide the words that all LSTMs of a pass together would take.

The words go, one refinement after another, to the group whose weight error falls most for a word
(`worth`); what is too short for a group is left to those of shorter vectors. Words of each part
stay in that part, and those of a pass with the groups that have LSTMs of it.
"""

from dataclasses import replace

import numpy as np

from pynq_lstm.compression import components, groups
from pynq_lstm.compression.worth import Worth
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network
from pynq_lstm.passes import order


class EqualWords:
    """What groups of LSTMs get at equal words.

    Parameters
    ----------
    network : Network
    options : SvdOptions
        Of all LSTMs of a pass together; `refinements` a number, a pair or None.
    step : callable
        Called for each group that is looked at.
    """

    def __init__(self, network, options, step=lambda: None):
        self._network, self._options, self._step = network, options, step
        self._passes = groups.passes(network)
        self._place = order.places(self._passes)
        self._known = {}

    def options_of(self, shares):
        """The options of each group.

        Parameters
        ----------
        shares : sequence of tuple of int
            Groups that have all LSTMs of the passes of which they have some.

        Returns
        -------
        dict of tuple of int to SvdOptions or None
            With `refinements` as a pair, and `balance` set; None for all groups whose words do
            not pay each of them one component of both parts.
        """
        pairs = dict(zip(map(tuple, shares), zip(*(self.counts(shares, side) for side in PARTS))))
        for pool, _ in self._pools(shares):
            if not all(all(pairs[own]) for own in pool):
                pairs.update(dict.fromkeys(pool))
        found = {}
        for own, pair in pairs.items():
            balance = groups.balanced(self._passes, own, self._options)
            made = pair and replace(self._options, refinements=pair, balance=balance)
            found[own] = made
        return found

    def counts(self, shares, side, rank=None):
        """Refinements of one part of each group.

        Parameters
        ----------
        shares : sequence of tuple of int
            As of `options_of`.
        side : str
        rank : int, optional
            Refinements of that part of all LSTMs of a pass together, instead of the options'.

        Returns
        -------
        tuple of int
            All 1 or more, or some 0 where the words do not pay one of each group.
        """
        options, found = self._of_rank(side, rank), {}
        for own, passes in self._pools(shares):
            asked = [self._asked(options, side, whole) for whole in passes]
            words = sum(count * each for count, each in asked)
            if len(own) == len(passes) == 1:
                found[own[0]] = asked[0][0]
            elif len(own) == 1:
                shape = groups.shape(self._network, own[0], side)
                count = words // components.most_words(options, side, *shape)
                found[own[0]] = min(count, components.most(options, side, *shape))
            else:
                found.update(zip(own, spent(self._worths(own, side, passes, words), words)))
        return tuple(found[tuple(own)] for own in shares)

    def rows(self, shares, side, ranks):
        """Ranks whose models are prefixes of one of the largest, and what they have.

        As words are filled up, a group of short vectors may have a refinement less of a rank than
        of the one below it, which then is left out.

        Parameters
        ----------
        shares, side
            As of `counts`.
        ranks : sequence of int
            Ascending.

        Returns
        -------
        ranks : list of int
            Some of them, with the last.
        counts : ndarray, (ranks, groups), int
        """
        every = np.array([self.counts(shares, side, rank) for rank in ranks]).reshape(
            len(ranks), len(shares)
        )
        begins = (np.minimum.accumulate(every[::-1])[::-1] == every).all(axis=1)
        return [rank for rank, kept in zip(ranks, begins) if kept], every[begins]

    def left(self, shares):
        """Squared weight error that is expected of greedy components of the groups.

        Returns
        -------
        float
        """
        total = 0.0
        for own, passes in self._pools(shares):
            for side in PARTS:
                asked = [self._asked(self._options, side, whole) for whole in passes]
                words = sum(count * each for count, each in asked)
                worths = self._worths(own, side, passes, words)
                total += sum(w.left(n) for w, n in zip(worths, self.counts(own, side)))
        return total

    def _of_rank(self, side, rank):
        if rank is None:
            return self._options
        # of one part only, so that the other takes any number that its matrices allow
        return replace(self._options, refinements=tuple(rank if s == side else 1 for s in PARTS))

    def _asked(self, options, side, whole):
        """Refinements of a whole pass, and the words of one."""
        shape = groups.shape(self._network, whole, side)
        return groups.asked(options, side, shape), components.words(options, side, *shape)

    def _pools(self, shares):
        """Groups that have the words of the same passes, and these: lists of pairs of lists."""
        pools = []
        for own in map(tuple, shares):
            met = {self._place[k] for k in own}
            joined = [pool for pool in pools if pool[1] & met]
            pools = [pool for pool in pools if not pool[1] & met]
            found = [group for pool in joined for group in pool[0]]
            pools.append((found + [own], met.union(*(pool[1] for pool in joined))))
        return [(found, [self._passes[p] for p in sorted(met)]) for found, met in pools]

    def _worths(self, pool, side, passes, words):
        balance = self._options.balance
        balanced = len(passes) > 1 if balance is None else balance
        return [self._worth(own, side, balanced, words, sum(map(len, passes))) for own in pool]

    def _worth(self, own, side, balanced, words, lstms):
        key = own, side, balanced
        if key not in self._known:
            if not any((own, s, b) in self._known for s in PARTS for b in (True, False)):
                self._step()
            shape = groups.shape(self._network, own, side)
            form, lists = components.longest(self._options, side, *shape)
            each = components.most_words(self._options, side, *shape)
            first = words * len(own) // (lstms * each) + 8
            alone = Network([self._network.layers[k] for k in own])
            bits = self._options.weight_bits
            self._known[key] = Worth(alone, side, form, lists, bits, balanced, first)
        return self._known[key]


def spent(worths, words):
    """Refinements of each group, one each and further ones where they are worth most for a word.

    Parameters
    ----------
    worths : list of Worth
    words : int

    Returns
    -------
    list of int
        With some 0 if `words` are fewer than those of one of each.
    """
    least = sum(one.words for one in worths)
    counts, free = [1 if least <= words else 0] * len(worths), words
    free -= least if least <= words else 0
    paces = [one.pace(count) / one.words for one, count in zip(worths, counts)]
    while max(paces) > 0:
        k = int(np.argmax(paces))
        if worths[k].words > free:
            paces[k] = 0.0  # a group of shorter vectors may have them
            continue
        counts[k] += 1
        free -= worths[k].words
        paces[k] = worths[k].pace(counts[k]) / worths[k].words
    return counts
