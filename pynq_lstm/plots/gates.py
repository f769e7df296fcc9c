"""Where a compressed model's weights differ from its network's."""

import numpy as np

from pynq_lstm.errors import InputError
from pynq_lstm.model import GATES, PARTS
from pynq_lstm.plots.figure import axis

_MATRICES = dict(zip(PARTS, ("w_ih", "w_hh")))
_READ = {"input": "element of x", "hidden": "element of h"}


def gate_errors(network, model, gate, part, lstm=0, refinements=None, ax=None):
    """Heat map of ``|W - W'|`` of one gate, W' being the weights that the integers stand for.

    Parameters
    ----------
    network : Network
        That the model was made of.
    model : CompressedModel
    gate : str
        "i", "f", "g" or "o".
    part : str
        "input" or "hidden".
    lstm : int, optional
        Which of the network's LSTMs.
    refinements : int, optional
        As of `CompressedModel.served`.
    ax : matplotlib Axes, optional
        With a colour bar beside it.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        A gate, part, LSTM or prefix that is not there, or a model of other sizes.
    MissingExtraError
        matplotlib is not installed.
    """
    _one_of("gate", gate, GATES)
    _one_of("part", part, PARTS)
    layers, rebuilt = network.layers, model.float_network(refinements).layers
    _one_of("lstm", lstm, tuple(range(len(layers))))
    shapes = [[one.w_ih.shape for one in found] for found in (layers, rebuilt)]
    if shapes[0] != shapes[1]:
        problem = f"not of the network's shapes {shapes[0]}"
        raise InputError("model", shapes[1], problem, "pass a model of this network")
    place = GATES.index(gate)
    true, found = (
        np.split(getattr(own[lstm], _MATRICES[part]), 4)[place].astype(np.float64)
        for own in (layers, rebuilt)
    )
    ax = axis(ax)
    error = np.abs(true - found)
    image = ax.imshow(error, cmap="viridis", vmin=0, aspect="auto", interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label="|W − W'|")
    ax.set_xlabel(_READ[part])
    ax.set_ylabel("unit")
    relative = np.sqrt((error**2).sum() / max((true**2).sum(), np.finfo(float).tiny))
    where = f"gate {gate}, {part} part, LSTM {lstm}"
    ax.set_title(f"Error of {where}: {100 * relative:.3g} % of the weights' rms", fontsize=10)
    return ax


def _one_of(field, value, known):
    if isinstance(value, bool) or value not in known:
        told = ", ".join(map(str, known)) if len(known) < 9 else f"0 to {known[-1]}"
        raise InputError(field, value, "not known", f"pass one of {told}")
