"""Shapes of networks that are more than LSTMs side by side: axes dropped, arrays or lists."""

import numpy as np
import pytest
from example_matrices import random_layer, random_network

import pynq_lstm as pl


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def network(rng, sizes, **fields):
    return pl.Network([random_layer(rng, *size) for size in sizes], **fields)


def shapes(answer):
    out, (h, c) = answer
    assert [np.shape(a) for a in h] == [np.shape(a) for a in c]
    return [tuple(a.shape) if isinstance(a, np.ndarray) else [b.shape for b in a] for a in (out, h)]


def data(*shape):
    return np.ones(shape, np.float32)


def test_one_input_drops_its_axis_whatever_the_models(rng):
    net = network(rng, [(3, 4), (4, 4)], wiring=["x0", "m0"])
    assert shapes(net.infer(data(2, 6, 3))) == [(2, 2, 6, 4), (2, 1, 2, 4)]
    assert shapes(net.infer(data(6, 3))) == [(2, 6, 4), (2, 1, 4)]
    assert shapes(net.infer([data(2, 6, 3)])) == [(2, 2, 6, 4), (2, 1, 2, 4)]


def test_one_model_drops_its_axis_whatever_the_inputs(rng):
    net = network(rng, [(6, 4)], wiring="x0:3, x1")
    assert shapes(net.infer(data(2, 2, 6, 3))) == [(2, 6, 4), (1, 2, 4)]
    assert shapes(net.infer([data(6, 3)] * 2)) == [(6, 4), (1, 4)]
    with pytest.raises(pl.InputError, match="x = .*: not one entry for each of 2 external inputs"):
        net.infer(data(2, 6))


def test_layers_and_directions_are_an_axis_of_the_state(rng):
    net = network(rng, [(3, 4)] * 2 + [(8, 4)] * 4, stacks=[pl.Stack(3, True)])
    assert shapes(net.infer(data(2, 6, 3))) == [(2, 6, 8), (6, 2, 4)]
    assert shapes(net.infer(data(6, 3))) == [(6, 8), (6, 4)]
    _, state = net.infer(data(6, 3), (data(6, 4), data(6, 4)))
    np.testing.assert_array_equal(
        state[0], net.infer(data(1, 6, 3), [data(6, 1, 4)] * 2)[1][0][:, 0]
    )
    with pytest.raises(pl.InputError, match=r"state h\.shape = \(1, 2, 4\): .*pass \(6, 2, 4\)"):
        net.infer(data(2, 6, 3), (data(1, 2, 4),) * 2)


def test_lists_where_sizes_or_rates_differ(rng):
    slower = network(rng, [(3, 4), (4, 4)], wiring=["x0", "m0 / 3"])
    assert shapes(slower.infer(data(2, 7, 3))) == [[(2, 7, 4), (2, 2, 4)], (2, 1, 2, 4)]
    once = network(rng, [(3, 4), (4, 4)], wiring=["x0", "last(m0)"])
    for steps in (1, 2):  # a list also where the lengths happen to agree
        expected = [[(2, steps, 4), (2, 1, 4)], (2, 1, 2, 4)]
        assert shapes(once.infer(data(2, steps, 3))) == expected
    alike = network(rng, [(3, 8), (3, 4), (3, 4)], stacks=[pl.Stack(), pl.Stack(1, True)])
    assert shapes(alike.infer(data(2, 2, 6, 3))) == [(2, 2, 6, 8), [(1, 2, 8), (2, 2, 4)]]


def test_sequence_cut_at_a_multiple_of_the_rate(rng):
    net = network(rng, [(3, 4), (4, 4), (4, 5)], wiring=["x0", "m0 / 2", "m1 + m0 / 2"])
    x = rng.standard_normal((2, 11, 3)).astype(np.float32)
    out, end = net.infer(x)
    first, state = net.infer(x[:, :6])
    second, last = net.infer(x[:, 6:], state)
    for j in range(3):
        joined = np.concatenate([first[j], second[j]], axis=1)
        np.testing.assert_allclose(joined, out[j], rtol=0, atol=1e-6)
        for a, b in zip(last, end):
            np.testing.assert_allclose(a[j], b[j], rtol=0, atol=1e-6)


def test_default_is_what_it_was(rng):
    net = random_network(rng, [(3, 4), (5, 6)], classes=2)
    assert net.stacks == (pl.Stack(), pl.Stack())
    assert net.wiring == pl.Wiring(("m0", "m1"), ("x0", "x1"))
    assert net.sequences.stacks is None and net.sequences.input_sizes == (3, 5)


def test_logits_of_models_at_different_rates(rng):
    head = pl.Head(data(5, 8), data(5))
    wiring = {"m1": "m0 / 2", "head": "m1, m0"}
    net = network(rng, [(3, 4), (4, 4)], head=head, wiring=wiring)
    assert net.infer_logits(data(2, 7, 3)).shape == (2, 5)
    _, (h, _) = net.infer(data(2, 7, 3))
    joined = np.concatenate([h[1][0], h[0][0]], axis=-1)
    np.testing.assert_array_equal(net.infer_logits(data(2, 7, 3)), head.logits([joined]))
    with pytest.raises(pl.InputError, match="every_step = True: the head reads models that run at"):
        net.infer_logits(data(2, 7, 3), every_step=True)


def test_head_reads_what_nobody_else_reads(rng):
    net = network(
        rng, [(3, 4), (4, 6), (4, 2)], head=pl.Head(data(5, 8), data(5)), wiring=["x0", "m0", "m0"]
    )
    out, _ = net.infer(data(2, 7, 3))
    logits = net.infer_logits(data(2, 7, 3), every_step=True)
    np.testing.assert_array_equal(logits, net.head.logits(out[1:]))
