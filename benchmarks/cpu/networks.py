"""Random networks of a given rank: the same function for a dense runtime and for a compressed one.

The matrix of each gate is W_j = V diag(s_j) U for model j: U and V are shared by the models, s_j
is its own. U has orthonormal rows and V orthogonal columns, so that the components a gate that the
compressor finds are these very ones, and only rounding to 8 bits lies between the two networks.
Block-diagonal models have networks of their own, the same under a mask.
"""

import numpy as np

from pynq_lstm import block_mask

GATES = 4
SCALARS = (0.5, 1.5)  # lowest and highest of s
BIAS = 0.1  # standard deviation
CLIP = 3.9  # of the inputs, which are normal
CALIBRATION = 32  # sequences


def weights(shape, seed=1):
    """Weights of each model of a `Shape`.

    Returns
    -------
    list of (ndarray, ndarray, ndarray), float32
        w_ih (4 * hidden, input), w_hh (4 * hidden, hidden) and bias (4 * hidden,), gates in the
        order i, f, g, o.
    """
    rng = np.random.default_rng(seed)
    w_ih = _matrices(rng, shape, shape.inputs, shape.input_rank)
    w_hh = _matrices(rng, shape, shape.hidden, shape.hidden_rank)
    bias = BIAS * rng.standard_normal((shape.models, GATES * shape.hidden))
    return [tuple(array.astype(np.float32) for array in model) for model in zip(w_ih, w_hh, bias)]


def masked(weights, rank):
    """The weights that a block-diagonal mask keeps, zeros elsewhere; rank 1: all as they are.

    What is kept is enlarged, so that the sums vary as much as before.
    """

    def kept(matrix):
        mask = block_mask.stacked_mask(len(matrix) // GATES, matrix.shape[1], rank)
        return matrix * mask * np.float32(rank**0.5)

    return [(kept(w_ih), kept(w_hh), bias) for w_ih, w_hh, bias in weights]


def _matrices(rng, shape, columns, rank):
    """(models, 4 * hidden, columns), each gate of rank `rank`."""
    gates = []
    for _ in range(GATES):
        u = _orthonormal(rng, columns, rank)
        # pre-activations of unit inputs then have a variance of about 1, whatever the rank
        v = _orthonormal(rng, shape.hidden, rank) * np.sqrt(shape.hidden / rank)
        s = rng.uniform(*SCALARS, (shape.models, 1, rank))
        gates.append((v * s) @ u.T)
    return np.concatenate(gates, axis=1)


def _orthonormal(rng, rows, columns):
    return np.linalg.qr(rng.standard_normal((rows, columns)))[0]


def lstms(weights):
    """`torch.nn.LSTM` modules of one layer, time first, for inference only."""
    import torch

    modules = []
    for w_ih, w_hh, bias in weights:
        module = torch.nn.LSTM(w_ih.shape[1], w_hh.shape[1]).eval().requires_grad_(False)
        for parameter, array in zip(module.parameters(), (w_ih, w_hh, bias, np.zeros_like(bias))):
            parameter.copy_(torch.from_numpy(np.array(array)))
        modules.append(module)
    return modules


def inputs(shape, batch, seed):
    """Sequences for each model, (models, batch, time, input), float32."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((shape.models, batch, shape.steps, shape.inputs), np.float32)
    return np.clip(x, -CLIP, CLIP)
