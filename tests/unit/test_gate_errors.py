"""What errors of the weights do to the gates, against the naive sums over every step."""

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

from pynq_lstm.compression import gate_errors
from pynq_lstm.compression.calibration import CHUNK
from pynq_lstm.model import PARTS


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def slope(pre, gate):
    """By a difference of the curve."""
    curve = np.tanh if gate == 2 else lambda v: 1 / (1 + np.exp(-v))
    step = 1e-4
    return (curve(pre + step) - curve(pre - step)) / (2 * step)


def naive(network, data):
    """Lists over models: x, previous h and pre-activations (4, hidden) of every step."""
    found = []
    for layer, x in zip(network.layers, data):
        steps = []
        for sequence in x.astype(np.float64):
            h = c = np.zeros(layer.hidden_size)
            for step in sequence:
                pre = layer.w_ih @ step + layer.w_hh @ h + layer.bias
                steps.append((step, h, pre.reshape(4, -1)))
                i, f, g, o = pre.reshape(4, -1)
                c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
                h = np.tanh(c) / (1 + np.exp(-o))
        found.append([np.stack(values) for values in zip(*steps)])
    return found


@pytest.mark.parametrize("sizes", [[(5, 4)], [(3, 6), (7, 2)]])
def test_expected_errors_are_mean_square_slopes_times_mean_squares_of_what_is_added(rng, sizes):
    net = random_network(rng, sizes, gain=3.0)
    data = random_inputs(rng, net, CHUNK + 3, 4)
    data = data if isinstance(data, list) else [data]
    measured, steps = gate_errors.measure(net, data), naive(net, data)
    inputs, units = (max(side) for side in zip(*sizes))
    for place, (side, rows) in enumerate(zip(PARTS, (inputs, units))):
        errors = rng.standard_normal((4, len(sizes), rows, units))
        for gate, own in enumerate(measured[side].of_lists(4)):
            wanted = 0.0
            for j, values in enumerate(steps):
                met, pre = values[place], values[2][:, gate]
                size, hidden = met.shape[1], pre.shape[1]
                added = met @ errors[gate, j, :size, :hidden]
                slopes = (slope(pre, gate) ** 2).mean(axis=0)
                wanted += (slopes * (added**2).mean(axis=0)).sum()
            np.testing.assert_allclose(own.expected(errors[gate]), wanted, rtol=1e-4)
        (whole,) = measured[side].of_lists(1)
        stacked = errors.transpose(1, 2, 0, 3).reshape(len(sizes), rows, -1)
        by_gate = [g.expected(e) for g, e in zip(measured[side].of_lists(4), errors)]
        np.testing.assert_allclose(whole.expected(stacked), sum(by_gate))


@pytest.mark.parametrize("models", (1, 3))
def test_the_change_by_a_term_is_the_difference_of_the_expected_errors(rng, models):
    root = rng.standard_normal((models, 6, 6))
    own = gate_errors.GateErrors(root @ root.transpose(0, 2, 1), rng.random((models, 1, 5)))
    for _ in range(10):
        errors, u, v = (rng.standard_normal(n) for n in ((models, 6, 5), 6, 5))
        s = rng.standard_normal(models)
        after = errors - s[:, None, None] * np.outer(u, v)
        fall = own.expected(errors) - own.expected(after)
        np.testing.assert_allclose(own.change(errors, s, u, v), fall)
