"""The LSTMs of a chain, and its head, as a `Network`."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.network import Network
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import names


def network(lstms, head):
    """A `Network`: LSTMs of one size and the same directions in a row make one model.

    Parameters
    ----------
    lstms : list of lstm.Lstms
    head : Head or None

    Raises
    ------
    NetworkError
        There is no LSTM, or one does not fit what it reads.
    """
    if not lstms:
        raise NetworkError("layers", "no LSTM", "nothing to import", "save a model that has one")
    groups = []
    for one in lstms:
        if groups and _alike(groups[-1][-1], one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return Network(
        [layer for group in groups for one in group for layer in one.layers],
        head,
        [_stack(group) for group in groups],
        ["x0", *names.default(len(groups))][: len(groups)],
    )


def _alike(below, one):
    same_size = below.layers[0].hidden_size == one.layers[0].hidden_size
    return same_size and below.backward == one.backward


def _stack(group):
    backward = group[0].backward
    return Stack(len(group), len(backward) == 2, backward == (True,))
