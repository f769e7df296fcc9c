"""What an error of the weights does to the gates, from the float network's run.

An error E of the weights, inputs by units, moves the pre-activation of unit k by x . e_k, and
the gate by the slope of its curve times that. To first order, and taking slopes and x as
independent, the gate's mean squared error is slopes[k] * e_k^T moments e_k.
"""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.layer import sigmoid


@dataclass(frozen=True, eq=False)
class GateErrors:
    """Of one part; models of fewer inputs or units padded with zeros.

    Attributes
    ----------
    moments : ndarray, (models, inputs, inputs), float64
        Mean of x x^T, or of h h^T.
    slopes : ndarray, (models, lists, units), float64
        Mean square of the slope of the curve of each pre-activation, by gate.
    """

    moments: np.ndarray
    slopes: np.ndarray

    def over(self, scales):
        """`GateErrors` of weights that were divided by a scale of each model, (models,)."""
        return GateErrors(self.moments, self.slopes * scales[:, None, None] ** 2)

    def of_lists(self, count):
        """`GateErrors` of each of 4 lists, one a gate, or of 1 for units of all gates."""
        models = len(self.slopes)
        by_list = self.slopes.reshape(models, count, 1, -1).transpose(1, 0, 2, 3)
        return [GateErrors(self.moments, slopes) for slopes in by_list]

    def expected(self, errors):
        """Sum of the mean squared errors of the gates of one list.

        Parameters
        ----------
        errors : ndarray, (models, inputs, units)
            Of the weights.

        Returns
        -------
        float
        """
        found = np.einsum("jik,jik->jk", np.matmul(self.moments, errors), errors)
        return float((found * self.slopes[:, 0]).sum())

    def change(self, errors, s, u, v):
        """By how much taking s[j] u v^T off the errors lowers `expected`, a float."""
        met = np.einsum("i,jil->jl", u, self.moments)
        along = np.einsum("jl,jlk->jk", met, errors)
        fallen = 2 * s[:, None] * v * along - (s * s * (met @ u))[:, None] * (v * v)
        return float((fallen * self.slopes[:, 0]).sum())


def measure(network, x):
    """Run the float network.

    Parameters
    ----------
    network : Network
    x : list of calibration.Steps
        One for each LSTM.

    Returns
    -------
    dict of GateErrors
        By part.
    """
    models = len(network.layers)
    inputs = max(layer.input_size for layer in network.layers)
    units = max(layer.hidden_size for layer in network.layers)
    slopes = np.zeros((models, 4, units))
    of_x, of_h = np.zeros((models, inputs, inputs)), np.zeros((models, units, units))
    for j, (layer, data) in enumerate(zip(network.layers, x)):
        size, steps = layer.hidden_size, int(data.lengths.sum())
        flat = data.valid.astype(np.float64)
        of_x[j, : layer.input_size, : layer.input_size] = flat.T @ flat / steps

        def observe(step, live, h, pre, c, j=j, size=size, steps=steps):
            of_h[j, :size, :size] += h.T.astype(np.float64) @ h / steps
            slopes[j, :, :size] += (_slopes(pre) ** 2).sum(axis=0).reshape(4, size) / steps

        for own in data.chunks():
            zero = np.zeros((len(own.x), size), np.float32)
            layer.run(own.x, zero, zero, own.lengths, observe)
    return {"input": GateErrors(of_x, slopes), "hidden": GateErrors(of_h, slopes)}


def _slopes(pre):
    """Slopes of the curves at some pre-activations, (steps, 4 * hidden) float64."""
    i, f, g, o = np.split(pre.astype(np.float64), 4, axis=1)
    of_sigmoid = [value * (1 - value) for value in map(sigmoid, (i, f, o))]
    of_sigmoid.insert(2, 1 - np.tanh(g) ** 2)
    return np.concatenate(of_sigmoid, axis=1)
