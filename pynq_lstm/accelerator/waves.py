"""The wave in which each LSTM of a network is at a step: one after those whose h it reads."""

from pynq_lstm.errors import PlanError
from pynq_lstm.passes import lstms as lstms_of


def lags(network):
    """Waves between a step's first LSTMs and each LSTM of a network.

    The h that the kernel has after the previous wave is that of the step only for a source that
    works exactly one wave earlier.

    Parameters
    ----------
    network : CompressedNetwork

    Returns
    -------
    dict of int to int
        By flat index; 0 or more.

    Raises
    ------
    PlanError
        An LSTM whose sources would have to work in one wave and cannot, by name.
    """
    sources = lstms_of.sources(network.lstms, network.wiring)
    readers = [set() for _ in sources]
    for k, read in enumerate(sources):
        for source in read:
            readers[source].add(k)
    found = {}
    for first in range(len(sources)):
        if first not in found:
            joined = _joined(first, sources, readers, network)
            least = min(joined.values())
            found.update((k, lag - least) for k, lag in joined.items())
    return found


def _joined(first, sources, readers, network):
    """Lags of all LSTMs that h connects with the first, relative to it."""
    found, reached = {first: 0}, [first]
    for k in reached:  # which grows
        for others, step in ((sources[k], -1), (readers[k], 1)):
            for other in sorted(others):
                if other not in found:
                    reached.append(other)
                elif found[other] != found[k] + step:
                    _refuse(network, other if step > 0 else k)
                found.setdefault(other, found[k] + step)
    return found


def _refuse(network, k):
    lstm = network.lstms[k]
    raise PlanError(
        lstm.name(network.wiring),
        str(network.wiring.sources[lstm.model]),
        "on ways of different lengths from one h to another: they would meet at different steps",
        "run the network in its passes",
    )
