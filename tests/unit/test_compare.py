"""`compare`: errors layer by layer and gate by gate, against the two networks themselves."""

import numpy as np
import pytest
from example_matrices import random_inputs, random_layer, random_network

import pynq_lstm as pl


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(4)
    net = random_network(rng, [(6, 8), (4, 5)])
    x = random_inputs(rng, net, 3, 7)
    return net, pl.compress(net, calibration=x, refinements=(4, 6)), x


@pytest.mark.parametrize("refinements", (None, 2))
def test_errors_are_those_of_the_two_answers(made, refinements):
    net, model, x = made
    found = pl.compare(net, model, x, refinements)
    with pl.load(model, "reference") as session:
        out, (_, c) = session.infer(x, refinements=refinements)
        assert found.saturated == session.last_run.saturated
    out_float, (_, c_float) = net.infer(x)
    for j, layer in enumerate(found.layers):
        for error, a, b in ((layer.out, out[j], out_float[j]), (layer.c, c[j][0], c_float[j][0])):
            difference = np.abs(a.astype(np.float64) - b)
            measured = (difference.mean(), np.sqrt((difference**2).mean()), difference.max())
            np.testing.assert_allclose((error.mean, error.rms, error.max), measured, rtol=1e-6)
            assert 0 < error.mean <= error.rms <= error.max


def test_gates_are_named_in_order(made):
    """A network that differs from the compressed one in one gate's bias differs in that gate."""
    net, model, x = made
    clean = pl.compare(net, model, [a[:, :1] for a in x])
    for g, gate in enumerate("ifgo"):
        layer = net.layers[1]
        bias = layer.bias.copy()
        bias[g * 5 : (g + 1) * 5] += 0.75
        moved = pl.Network((net.layers[0], pl.Layer(layer.w_ih, layer.w_hh, bias)))
        found = pl.compare(moved, model, [a[:, :1] for a in x]).layers
        assert found[0] == clean.layers[0]
        for other in "ifgo":
            change = found[1].gates[other].mean - clean.layers[1].gates[other].mean
            assert (change > 0.3) == (other == gate)


def test_beyond_the_range_of_pre_both_are_limited():
    net = random_network(np.random.default_rng(0), [(3, 4)])
    layer = net.layers[0]
    net = pl.Network((pl.Layer(layer.w_ih, layer.w_hh, layer.bias + np.float32(50)),))
    x = random_inputs(np.random.default_rng(0), net)
    found = pl.compare(net, pl.compress(net, calibration=x), x)
    assert found.saturated["pre"] == 3 * 5 * 16
    assert max(error.max for error in found.layers[0].gates.values()) <= 2**-12


def test_better_compression_is_closer(made):
    net, model, x = made
    better = pl.compress(net, calibration=x, refinements=(8, 10), activation_bits=16, p_bits=16)
    for fine, coarse in zip(pl.compare(net, better, x).layers, pl.compare(net, model, x).layers):
        assert fine.out.rms < coarse.out.rms / 2


LENGTHS = np.array([7, 2, 4])


def cut(x, lengths=LENGTHS):
    """The sequences one by one, of their own lengths, as lists over inputs."""
    return [[a[n : n + 1, :t] for a in x] for n, t in enumerate(lengths)]


def test_what_is_behind_the_lengths_is_in_no_figure(made):
    """Whatever stands there, and though it saturates: as of the sequences one by one."""
    net, model, x = made
    noise = [a.copy() for a in x]
    for a in noise:
        a[np.arange(7) >= LENGTHS[:, None]] = 100
    found = pl.compare(net, model, noise, lengths=LENGTHS)
    assert found == pl.compare(net, model, x, lengths=LENGTHS)
    alone = [pl.compare(net, model, one) for one in cut(x)]
    assert found.saturated == {
        kind: sum(one.saturated[kind] for one in alone) for kind in alone[0].saturated
    }
    for j, layer in enumerate(found.layers):
        own = [one.layers[j] for one in alone]
        for gate in "ifgo":
            mean = np.average([one.gates[gate].mean for one in own], weights=LENGTHS)
            assert layer.gates[gate].mean == pytest.approx(mean)
        mean = np.average([one.out.mean for one in own], weights=LENGTHS)
        assert layer.out.mean == pytest.approx(mean)
        assert layer.c.mean == pytest.approx(np.mean([one.c.mean for one in own]))
        assert layer.out.max == max(one.out.max for one in own)
    assert found != pl.compare(net, model, x)


def test_lengths_of_layers_backward_and_at_slower_rates():
    rng = np.random.default_rng(1)
    layers = [random_layer(rng, *s) for s in [(3, 4), (3, 4), (8, 5), (13, 4)]]
    stacks = [pl.Stack(bidirectional=True), pl.Stack(), pl.Stack()]
    net = pl.Network(layers, stacks=stacks, wiring=["x0", "m0 / 2", "last(m0), last(m1)"])
    x = rng.uniform(-1, 1, (3, 7, 3)).astype(np.float32)
    model = pl.compress(net, calibration=x, refinements=2, progress=False)
    found = pl.compare(net, model, x, lengths=LENGTHS)
    alone = [pl.compare(net, model, one) for (one,) in cut([x])]
    steps = [LENGTHS, LENGTHS, LENGTHS // 2, np.ones(3)]
    for j, layer in enumerate(found.layers):
        own = [one.layers[j].gates["f"].mean for one in alone]
        assert layer.gates["f"].mean == pytest.approx(np.average(own, weights=steps[j]))


def test_bad_lengths_are_refused(made):
    net, model, x = made
    with pytest.raises(pl.InputError, match="lengths = .*: outside 1 to 7"):
        pl.compare(net, model, x, lengths=[7, 0, 4])


@pytest.mark.torch
def test_a_packed_sequence_has_its_own_lengths(made):
    torch = pytest.importorskip("torch")
    net, model, x = made
    packed = [
        torch.nn.utils.rnn.pack_padded_sequence(
            torch.from_numpy(a), LENGTHS, batch_first=True, enforce_sorted=False
        )
        for a in x
    ]
    assert pl.compare(net, model, packed) == pl.compare(net, model, x, lengths=LENGTHS)
    with pytest.raises(pl.InputError, match="lengths = .*: x is a PackedSequence"):
        pl.compare(net, model, packed, lengths=LENGTHS)


def test_table_and_dictionary(made):
    net, model, x = made
    found = pl.compare(net, model, x)
    lines = str(found).splitlines()
    assert lines[0].split() == ["layer", "of", "mean", "rms", "max"]
    assert [line.split()[:2] for line in lines[1:]] == [
        [str(j), name] for j in range(2) for name in ("out", "c", "i", "f", "g", "o")
    ]
    assert float(lines[1].split()[2]) == pytest.approx(found.layers[0].out.mean, abs=1e-5)
    assert found.to_dict()["layers"][1]["gates"]["o"]["max"] == found.layers[1].gates["o"].max


def test_another_network_and_bad_input_are_refused(made):
    net, model, x = made
    other = random_network(np.random.default_rng(0), [(6, 8), (4, 6)])
    text = r"model = .*: sizes differ from the network's \(\(6, 4\), \(8, 6\)\); pass the network"
    with pytest.raises(pl.InputError, match=text):
        pl.compare(other, model, x)
    with pytest.raises(pl.InputError, match=r"x = .*not one entry for each of 2 models"):
        pl.compare(net, model, x[:1])


@pytest.mark.parametrize("refinements", (0, -1, 1.5, "a"))
def test_prefix_that_is_not_served_is_refused(made, refinements):
    net, model, x = made
    with pytest.raises(pl.InputError, match="refinements"):
        pl.compare(net, model, x, refinements)
