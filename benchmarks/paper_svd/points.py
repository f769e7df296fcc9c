"""Points: compressions by SVDn and SVD1, and how far each is from the float network.

One greedy model of every way to cut tiles serves all its prefixes: a point is a prefix.
"""

from dataclasses import dataclass, replace
from typing import Mapping, Optional, Tuple

from pynq_lstm import Network, compress, load
from pynq_lstm.budgets import prefixes
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_size import parameters

SVDN, SVD1 = "SVDn", "SVD1"
SYSTEMS = (SVDN, SVD1)


@dataclass(frozen=True, eq=False)
class Point:
    """A compression of a network.

    Attributes
    ----------
    system : str
        SVDN: its LSTMs share u and v, SVD1: each is compressed by itself.
    options : mapping
        Of ``compress``, without the refinements.
    refinements : int
        Of each gate and part; of SVD1 in every LSTM.
    models : tuple of CompressedModel
        One that holds all LSTMs, or one of each LSTM.
    mse : float
        Of all weights.
    accuracy : float or None
        Percent of the test images; None where nothing was trained.
    """

    system: str
    options: Mapping
    refinements: int
    models: Tuple[CompressedModel, ...]
    mse: float
    accuracy: Optional[float] = None

    @property
    def words(self):
        """Stored words of all models."""
        return sum(map(parameters, self.models))

    @property
    def name(self):
        """The point in one line."""
        cut = ", ".join(f"{key} {value}" for key, value in self.options.items())
        return f"{self.system}, R = {self.refinements}" + (f", {cut}" if cut else "")


def of_network(system, network, options, ranks, accuracy=None, **ranges):
    """The prefixes of one way to cut tiles.

    Parameters
    ----------
    system : str
    network : Network
    options : mapping
    ranks : sequence of int
    accuracy : callable, optional
        ``accuracy(infer_logits)``, percent.
    **ranges
        ``calibration`` or ``input_range`` of `compress`.

    Returns
    -------
    list of Point
    """
    given = {**options, "refinements": max(ranks), "progress": False}
    if system == SVDN:
        whole = compress(network, "svd", **given, **ranges)
        alone, made = [network], [whole]
    else:
        # the grids of h and x are those of the whole network, each LSTM's components its own
        whole = compress(network, "svd", share="none", **_halved(given, network), **ranges)
        alone = [Network([layer]) for layer in network.layers]
        made = list(whole.passes)
    right = {k: None for k in ranks}
    if accuracy is not None:
        with load(whole, "cpu") as session:
            right = {k: accuracy(_prefix_of(session, k)) for k in ranks}
    points = []
    for k in ranks:
        models = tuple(prefixes.prefix(model, (k, k)) for model in made)
        points.append(Point(system, options, k, models, _mse(alone, models), right[k]))
    return points


def _halved(given, network):
    """`compress` gives an LSTM that is alone as many components as fit in its share of words."""
    return {**given, "refinements": given["refinements"] * len(network.layers)}


def _prefix_of(session, k):
    return lambda x: session.infer_logits(x, refinements=k)


def _mse(networks, models):
    """Mean squared error of the weights of all LSTMs."""
    squares = elements = 0
    for network, model in zip(networks, models):
        count = sum(layer.w_ih.size + layer.w_hh.size for layer in network.layers)
        squares += weight_error(network, model).mse * count
        elements += count
    return squares / elements


def without_models(points):
    """For a report: the same points, light."""
    return [replace(point, models=()) for point in points]
