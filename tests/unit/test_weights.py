"""The weights that a model's integers stand for, and their error."""

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.compression.weights import weight_error


def dense(model, j):
    """The weights of a model, element by element from the formulas of docs/numerics.md."""
    hidden = model.hidden_sizes[j]
    scales = {"input": model.x_inverse_scale[j], "hidden": 2.0 ** (model.activation_bits - 1)}
    result = []
    for name, inputs in (("input", model.input_sizes[j]), ("hidden", hidden)):
        part, weights = getattr(model, name), np.zeros((4 * hidden, inputs))
        for r in range(len(part.u)):
            p_per_d = part.s[r, j] / 2.0 ** part.s_shift[j]
            for gate in range(4):
                v = part.v[r, gate, :hidden] / 2.0 ** (12 + model.pre_shift[j])
                rows = slice(gate * hidden, (gate + 1) * hidden)
                weights[rows] += np.outer(v, part.u[r, :inputs]) * p_per_d * scales[name]
        result.append(weights)
    return result


@pytest.mark.parametrize(
    "options",
    [
        {"refinements": 5},
        {"refinements": (3, 7), "weight_bits": 4, "activation_bits": 16},
        {"refinements": 4, "u_tile": 4, "v_tile": 3, "zero_u_tiles": 1, "zero_v_tiles": 1},
    ],
)
def test_weight_error_is_that_of_the_integers(options):
    rng = np.random.default_rng(2)
    net = random_network(rng, [(7, 9), (9, 6)])
    model = pl.compress(net, calibration=random_inputs(rng, net), **options)
    lost, energy, count = np.zeros(2), np.zeros(2), 0
    for j, layer in enumerate(net.layers):
        for side, (found, true) in enumerate(zip(dense(model, j), (layer.w_ih, layer.w_hh))):
            lost[side] += ((found - true) ** 2).sum()
            energy[side] += (true.astype(np.float64) ** 2).sum()
            count += true.size
    error = weight_error(net, model)
    np.testing.assert_allclose(error.mse, lost.sum() / count)
    np.testing.assert_allclose(error.relative, lost.sum() / energy.sum())
    np.testing.assert_allclose(error.by_part, lost / energy)
    assert model.provenance["weight mse"] == error.mse
    assert model.provenance["relative weight error"] == error.relative
    assert 0.001 < error.relative < 0.9


def test_every_further_greedy_component_lowers_the_error():
    net = random_network(np.random.default_rng(2), [(7, 9), (9, 6)])
    model = pl.compress(net, input_range=(-3, 3), refinements=5)
    error = weight_error(net, model)
    errors = [weight_error(net, model, k).relative for k in range(model.max_refinements + 1)]
    assert errors[0] == 1 and (np.diff(errors) < 1e-4).all() and errors[-1] == error.relative
