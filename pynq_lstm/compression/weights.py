"""Weights as matrices that share components, and the error of a compressed model against them."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.errors import CompressionError
from pynq_lstm.layer import Layer
from pynq_lstm.model import GATES
from pynq_lstm.network import Network
from pynq_lstm.numerics import PRE_FRACTION_BITS

_NAMES = {"input": "w_ih", "hidden": "w_hh"}


def gate_problems(network, side):
    """The four problems of one part: (models, inputs, units) float32 for each gate.

    Smaller models are padded with zeros, which costs nothing in storage.

    Parameters
    ----------
    network : Network
    side : str
        "input" or "hidden".

    """
    matrices = [getattr(layer, _NAMES[side]) for layer in network.layers]
    rows = max(m.shape[1] for m in matrices)
    columns = max(layer.hidden_size for layer in network.layers)
    problems = np.zeros((4, len(matrices), rows, columns), np.float32)
    for j, matrix in enumerate(matrices):
        for g, gate in enumerate(np.split(matrix, 4)):
            problems[g, j, : gate.shape[1], : gate.shape[0]] = gate.T
    return problems


def own_elements(network, side):
    """Which elements of `gate_problems` are weights, not what smaller models are padded with.

    Returns
    -------
    ndarray, (models, inputs, units), bool; or None
        Of one gate; None where all are weights.
    """
    matrices = [getattr(layer, _NAMES[side]) for layer in network.layers]
    if len({matrix.shape for matrix in matrices}) == 1:
        return None
    own = np.zeros(gate_problems(network, side).shape[1:], bool)
    for one, matrix in zip(own, matrices):
        one[: matrix.shape[1], : len(matrix) // 4] = True
    return own


def refuse_zeros(network, side, per_gate):
    """Raise `CompressionError` where there is nothing to approximate.

    Parameters
    ----------
    network : Network
    side : str
        "input" or "hidden".
    per_gate : bool
        Whether each gate has components of its own: none may have only zeros. Else the matrix of
        a model may not.
    """
    name = _NAMES[side]
    for j, layer in enumerate(network.layers):
        matrix = getattr(layer, name)
        found = [bool(gate.any()) for gate in np.split(matrix, 4)]
        if not any(found):
            _refuse_zeros(f"layers[{j}].{name}")
        if per_gate and not all(found):
            gate = GATES[found.index(False)]
            _refuse_zeros(f"layers[{j}].{name}, gate {gate}", ", or pass form='stacked'")


def _refuse_zeros(field, more=""):
    remedy = "train the network, or leave this LSTM out"
    raise CompressionError(field, 0.0, "all weights are zero", remedy + more)


def dense_weights(model, j, refinements=None):
    """The weights of model j that the integers stand for.

    Returns
    -------
    w_ih : ndarray, (4 * hidden, input), float64
    w_hh : ndarray, (4 * hidden, hidden), float64
    """
    size = model.hidden_sizes[j]
    refinements = model.max_refinements if refinements is None else refinements
    units = (1 / model.x_inverse_scale[j], 2.0**-model.hidden_fraction_bits)
    dense = []
    for part, inputs, unit in zip((model.input, model.hidden), (model.input_sizes[j], size), units):
        grid = -(PRE_FRACTION_BITS + model.pre_shift[j])
        shape = 4 * size, inputs
        dense.append(_MATRICES[part.method](part, j, shape, refinements, grid, unit))
    return tuple(dense)


def float_network(model, refinements=None):
    """The weights and biases that the integers stand for, as a `Network` with the model's head.

    See `CompressedModel.float_network`.
    """
    layers = []
    for j, bias in enumerate(model.bias):
        grid = -(PRE_FRACTION_BITS + model.pre_shift[j])
        w_ih, w_hh = dense_weights(model, j, refinements)
        layers.append(Layer(w_ih, w_hh, np.ldexp(bias.astype(np.float64), grid)))
    return Network(layers, model.head)


def _svd_matrix(part, j, shape, refinements, grid, unit):
    rows, inputs = shape
    count = part.prefix(refinements)
    s = np.ldexp(part.s[:count, j].astype(np.float64), grid - part.s_shift[j]) / unit
    v = part.v[:count, :, : rows // 4].astype(np.float64).reshape(count, rows)
    return (v * s[:, None]).T @ part.u[:count, :inputs].astype(np.float64)


def _dense_matrix(part, j, shape, refinements, grid, unit):
    s = np.ldexp(part.s[j].astype(np.float64), grid - part.s_shift[j]) / unit
    return s[:, None] * part.w[j]


def _block_diagonal_matrix(part, j, shape, refinements, grid, unit):
    grid += part.sum_shift[j] - part.m_shift[j]
    return part.w[j] * (np.ldexp(part.m[j].astype(np.float64), grid) / unit)


_MATRICES = {
    "svd": _svd_matrix,
    "dense": _dense_matrix,
    "block_diagonal": _block_diagonal_matrix,
}


@dataclass(frozen=True)
class WeightError:
    """How far the weights of a compressed model are from those of its network.

    Attributes
    ----------
    mse : float
        Mean squared error over all weight matrices of all models.
    relative : float
        The same over the mean square of the weights.
    by_part : tuple of float
        Relative error of the input and of the hidden matrices.
    """

    mse: float
    relative: float
    by_part: Tuple[float, float]


def weight_error(network, model, refinements=None):
    """Compare a compressed model with the network that it came from.

    Returns
    -------
    WeightError
    """
    lost, energy, count = np.zeros(2), np.zeros(2), 0
    for j, layer in enumerate(network.layers):
        for side, (found, true) in enumerate(
            zip(dense_weights(model, j, refinements), (layer.w_ih, layer.w_hh))
        ):
            true = true.astype(np.float64)
            lost[side] += ((found - true) ** 2).sum()
            energy[side] += (true**2).sum()
            count += true.size
    relative, *by_part = (_share(a, b) for a, b in [(lost.sum(), energy.sum()), *zip(lost, energy)])
    return WeightError(float(lost.sum() / count), relative, tuple(by_part))


def _share(lost, energy):
    """`lost` over `energy`; of matrices of zeros, which the dense method keeps exactly, nothing."""
    return float(lost / energy) if energy else 0.0
