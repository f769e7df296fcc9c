"""The random networks: their ranks, what the models share, and what the compressor finds."""

import numpy as np
import pytest
from cpu import networks, variants
from cpu.shapes import Shape

import pynq_lstm as pl

SHAPE = Shape("tiny", 2, 12, 24, 5, 3, 6)


def network():
    return pl.Network(tuple(pl.Layer(*model) for model in networks.weights(SHAPE)))


def gates(part):
    """(gate, model, unit, column)."""
    found = np.stack([model[part] for model in networks.weights(SHAPE)])
    return found.reshape(SHAPE.models, 4, SHAPE.hidden, -1).swapaxes(0, 1)


@pytest.mark.parametrize("part, rank", [(0, SHAPE.input_rank), (1, SHAPE.hidden_rank)])
def test_ranks(part, rank):
    """Each gate has its rank, and both models one column space and one row space."""
    for gate in gates(part):
        for joined in (*gate, np.concatenate(gate), np.concatenate(gate, axis=1)):
            assert np.linalg.matrix_rank(joined, tol=1e-4) == rank
        assert np.abs(gate[0] - gate[1]).max() > 0.01  # s is each model's own


def test_weights_repeat():
    first, again, other = (networks.weights(SHAPE, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first[0], again[0]))
    assert not np.array_equal(first[0][0], other[0][0])


def test_masked():
    """What a mask leaves out is zero, the rest enlarged; nothing is left out at rank 1."""
    for (w_ih, w_hh, bias), kept in zip(
        networks.weights(SHAPE), networks.masked(networks.weights(SHAPE), 4)
    ):
        for matrix, left in zip((w_ih, w_hh), kept):
            assert left.dtype == np.float32
            assert (left != 0).mean() == 1 / 4
            np.testing.assert_array_equal(left[left != 0], 2 * matrix[left != 0])
        assert np.array_equal(kept[2], bias)
    whole = networks.masked(networks.weights(SHAPE), 1)
    assert np.array_equal(whole[0][0], networks.weights(SHAPE)[0][0])


def test_a_masked_network_keeps_its_weights():
    """Under the mask of the variant nothing is pruned: rounding alone is left."""
    (variant,) = (v for v in variants.of_shape(SHAPE) if v.rank > 1)
    layers = (pl.Layer(*model) for model in networks.masked(networks.weights(SHAPE), variant.rank))
    calibration = networks.inputs(SHAPE, networks.CALIBRATION, 3)
    models, left_out = variants.compress(pl.Network(tuple(layers)), [variant], calibration)
    assert not left_out
    model = models[variants.BLOCKS]
    assert (model.input.rank, model.weight_bits, model.p_bits) == (variant.rank, 4, 8)
    assert float(dict(model.provenance)["relative weight error"]) < 0.03


def test_compressed_is_the_same_function():
    """At the network's own ranks only the rounding of the vectors is left."""
    calibration = networks.inputs(SHAPE, networks.CALIBRATION, 3)
    chosen = variants.of_shape(SHAPE)[:2]
    models, left_out = variants.compress(network(), chosen, calibration)
    assert list(models) == [variant.name for variant in chosen] and not left_out
    for model in models.values():
        assert model.input.counts == (SHAPE.input_rank,) * 4
        assert model.hidden.counts == (SHAPE.hidden_rank,) * 4
        assert model.input.u_mask.all() and model.hidden.v_mask.any(axis=1).all()
        assert float(dict(model.provenance)["relative weight error"]) < 1e-3


def test_unknown_methods_are_named():
    odd = variants.Variant("odd", "no such method")
    models, left_out = variants.compress(network(), [odd], networks.inputs(SHAPE, 2, 3))
    assert not models and "no such method" in left_out["odd"]


def test_calls_give_what_the_session_gives():
    """Both shapes of a call, one model and several."""
    x = networks.inputs(SHAPE, 3, 2)
    net = network()
    for layers, given in ((net.layers, x), (net.layers[:1], x[:1])):
        calibration = given if len(given) > 1 else given[0]
        model = pl.compress(pl.Network(layers), calibration=calibration, progress=False)
        with variants.open_session(model, threads=1) as session:
            h = variants.hidden_states(variants.call_of(session, given)(), len(given))
            expected = session.infer(calibration)[0]
        assert [a.shape for a in h] == [(SHAPE.steps, 3, SHAPE.hidden)] * len(given)
        for a, b in zip(h, expected if len(given) > 1 else expected[None]):
            assert np.array_equal(a.swapaxes(0, 1), b)


def test_inputs_are_clipped():
    x = networks.inputs(Shape("wide", 1, 200, 8, 200, 1, 1), 4, 0)
    assert x.shape == (1, 4, 200, 200) and x.dtype == np.float32
    assert np.abs(x).max() == np.float32(networks.CLIP)


@pytest.mark.torch
def test_modules_are_the_same_network():
    torch = pytest.importorskip("torch")
    modules = networks.lstms(networks.weights(SHAPE))
    x = networks.inputs(SHAPE, 3, 2)
    expected = network().infer(x)[0]
    for module, a, b in zip(modules, x, expected):
        h = module(torch.from_numpy(a.swapaxes(0, 1).copy()))[0].numpy()
        assert np.abs(h.swapaxes(0, 1) - b).max() < 1e-5
    again = pl.Network.from_torch(modules)
    assert all(np.array_equal(a.w_ih, b.w_ih) for a, b in zip(again.layers, network().layers))
