"""The float network whose weights a model's integers stand for."""

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl

OPTIONS = {
    "svd": {"refinements": 6, "u_tile": 2, "v_tile": 2, "zero_u_tiles": 1},
    "dense": {},
    "block_diagonal": {"block_rank": 2},
}


def made(method, **more):
    rng = np.random.default_rng(0)
    network = random_network(rng, [(6, 8), (4, 6)] if method != "svd" else [(6, 8)] * 2, classes=3)
    x = random_inputs(rng, network)
    x = [np.tanh(a) for a in x]
    return pl.compress(network, method, calibration=x, **OPTIONS[method], **more), network, x


def effect(model, j, part, element, refinements):
    """What the code 1 of an element adds to the accumulator, unrounded, (4 * hidden,).

    One product at a time, as docs/numerics.md has them.
    """
    hidden = model.hidden_sizes[j]
    found = np.zeros(4 * hidden)
    for row in range(4 * hidden):
        if model.method == "svd":
            seen = [0, 0, 0, 0]
            for r in range(len(part.u)):
                gates = np.flatnonzero(part.v_mask[r].any(axis=1))
                n = seen[gates[0]] if len(gates) else refinements
                for gate in gates:
                    seen[gate] += 1
                if n < refinements:
                    p = int(part.u[r, element]) * int(part.s[r, j]) / 2 ** part.s_shift[j]
                    found[row] += p * int(part.v[r, row // hidden, row % hidden])
        elif model.method == "dense":
            p = int(part.w[j][row, element]) * int(part.s[j][row])
            found[row] = p / 2 ** part.s_shift[j]
        else:
            p = int(part.m[j][element]) / 2 ** part.m_shift[j]
            found[row] = p * int(part.w[j][row, element]) * 2 ** part.sum_shift[j]
    return found


@pytest.mark.parametrize("method", OPTIONS)
def test_weights_are_those_of_the_integers(method):
    model, _, _ = made(method)
    for refinements in (None, 3) if method == "svd" else (None,):
        network = model.float_network(refinements)
        for j, layer in enumerate(network.layers):
            unit = 2.0 ** -(12 + model.pre_shift[j])
            h_unit = 2.0 ** -(model.activation_bits - 1)
            for weights, part, code in (
                (layer.w_ih, model.input, 1 / model.x_inverse_scale[j]),
                (layer.w_hh, model.hidden, h_unit),
            ):
                for element in range(weights.shape[1]):
                    own = effect(model, j, part, element, refinements or model.max_refinements)
                    np.testing.assert_allclose(weights[:, element], own * unit / code, rtol=1e-6)
            np.testing.assert_allclose(layer.bias, model.bias[j] * unit, rtol=1e-6)


@pytest.mark.parametrize("method", OPTIONS)
def test_outputs_are_close_to_the_integer_reference(method):
    worst = {}
    for bits in (8, 16):
        more = {"activation_bits": bits}
        if method == "svd":
            more["p_bits"] = 10 if bits == 8 else 16
        model, _, x = made(method, **more)
        ours = model.float_network().infer(x)[0]
        with pl.load(model, "reference") as session:
            theirs = session.infer(x)[0]
            logits = session.infer_logits(x)
        worst[bits] = max(np.abs(a - b).max() for a, b in zip(ours, theirs))
        np.testing.assert_allclose(model.float_network().infer_logits(x), logits, atol=0.1)
    assert worst[8] < 0.02 and worst[16] < worst[8] / 2


def test_head_and_sizes_are_kept_and_prefixes_checked():
    model, network, _ = made("svd")
    found = model.float_network()
    assert np.array_equal(found.head.weight, network.head.weight)
    assert found.sequences == network.sequences and found.wiring == network.wiring
    with pytest.raises(pl.InputError, match="refinements = 0: a prefix that this model does not"):
        model.float_network(0)


def test_compressing_it_again_loses_little():
    model, _, x = made("dense")
    again = pl.compress(model.float_network(), "dense", calibration=x)
    for one, other in zip(again.float_network().layers, model.float_network().layers):
        np.testing.assert_allclose(one.w_ih, other.w_ih, atol=0.01)
