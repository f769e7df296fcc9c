"""Networks written as ONNX: run naively, checked, and read again."""

import resource
import signal
from contextlib import contextmanager

import numpy as np
import onnx
import pytest
import random_wirings
from example_matrices import random_layer, random_network
from exported import SEEDS, case, check
from onnx_graphs import run

import pynq_lstm as pl
from pynq_lstm.exporters import onnx_graph


@contextmanager
def full_disk(limit):
    """Files take so many bytes and no more, as on a disk that is full."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error, not a signal
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("padded", (False, True), ids=("whole", "lengths"))
@pytest.mark.parametrize("seed", SEEDS)
def test_random_network_run_naively(seed, padded):
    network, x, lengths = case(seed)
    model = onnx_graph.model(network, padded)
    onnx.checker.check_model(model, full_check=True)
    check(network, model, x, lengths if padded else None, run)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_network_comes_back(seed):
    network, x, _ = case(seed)
    again = pl.Network.from_onnx(onnx_graph.model(network))
    order = network.wiring.order  # the nodes', and so that of the models that come back
    assert again.sequences.input_sizes == network.sequences.input_sizes
    assert again.stacks == tuple(network.stacks[j] for j in order)
    assert again.wiring.rates == tuple(network.wiring.rates[j] for j in order)
    ours, theirs = again.infer(x), network.infer(x)
    if len(order) == 1:
        ours, theirs = ((out[None], [side[None] for side in ends]) for out, ends in (ours, theirs))
    for n, j in enumerate(order):
        for found, expected in zip((ours[0], *ours[1]), (theirs[0], *theirs[1])):
            np.testing.assert_allclose(found[n], expected[j], atol=1e-5, rtol=0)
    if network.head is not None:
        np.testing.assert_allclose(again.infer_logits(x), network.infer_logits(x), atol=1e-5)


@pytest.mark.parametrize("stack", (pl.Stack(3, True), pl.Stack(2, reverse=True), pl.Stack()))
def test_file_of_one_model_comes_back(tmp_path, stack):
    rng = np.random.default_rng(0)
    sizes = [3] * stack.directions + [4 * stack.directions] * (stack.cells - stack.directions)
    layers = [random_layer(rng, size, 4) for size in sizes]
    head = pl.Head(rng.standard_normal((2, 4 * stack.directions)).astype("f4"), np.ones(2, "f4"))
    network = pl.Network(layers, head, [stack])
    for lengths in (False, True):
        network.to_onnx(tmp_path / "net.onnx", lengths)
        again = pl.Network.from_onnx(tmp_path / "net.onnx")
        assert (again.stacks, again.wiring) == (network.stacks, network.wiring)
        for one, other in zip(again.layers, network.layers):
            for name in ("w_ih", "w_hh", "bias"):
                assert np.array_equal(getattr(one, name), getattr(other, name))
        assert np.array_equal(again.head.weight, head.weight)
        assert np.array_equal(again.head.bias, head.bias)


def test_a_head_whose_bias_is_zero_comes_back(tmp_path):
    """Zeros are added to the logits, which is no sum of what LSTMs give."""
    rng = np.random.default_rng(0)
    layers = random_network(rng, [(5, 6)]).layers
    net = pl.Network(layers, pl.Head(rng.standard_normal((3, 6)).astype("f"), np.zeros(3, "f")))
    net.to_onnx(tmp_path / "net.onnx")
    again = pl.Network.from_onnx(tmp_path / "net.onnx")
    np.testing.assert_array_equal(again.head.weight, net.head.weight)
    assert not again.head.bias.any()


def test_logits_of_every_step():
    network = random_network(np.random.default_rng(0), [(3, 4), (5, 6)], classes=2)
    x = [np.ones((2, 7, n), np.float32) for n in (3, 5)]
    model = onnx_graph.model(network, every_step=True)
    names = [output.name for output in model.graph.output]
    found = dict(zip(names, run(model, x0=x[0], x1=x[1])))
    expected = network.infer_logits(x, every_step=True)
    np.testing.assert_allclose(found["logits"], expected, atol=1e-5)


def test_refused_by_name():
    plain = random_network(np.random.default_rng(0), [(3, 4)])
    with pytest.raises(pl.NetworkError, match="every_step = True: this network has no head"):
        onnx_graph.model(plain, every_step=True)
    layers = plain.layers + (random_layer(np.random.default_rng(0), 4, 4),)
    head = pl.Head(np.ones((2, 8), np.float32), np.ones(2, np.float32))
    wiring = {"m1": "m0 / 2", "head": "m0, m1"}
    with pytest.raises(pl.InputError, match="every_step = True: the head reads models that run"):
        onnx_graph.model(pl.Network(layers, head, wiring=wiring), every_step=True)


@pytest.mark.parametrize("path, text", [(None, "'NoneType': not a path"), (7, "'int': not a path")])
def test_what_is_no_path(path, text):
    network = random_network(np.random.default_rng(0), [(3, 4)])
    with pytest.raises(pl.NetworkError, match=f"path = {text}; pass the name of the file"):
        network.to_onnx(path)


def test_a_path_that_cannot_be_written(tmp_path):
    network = random_network(np.random.default_rng(0), [(3, 4)])
    for path in (tmp_path / "none" / "net.onnx", tmp_path, f"{tmp_path}/q\0.onnx"):
        with pytest.raises(pl.NetworkError, match="path = .*: cannot be written .*; name a file"):
            network.to_onnx(path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    network = random_network(np.random.default_rng(0), [(30, 40)])
    path = tmp_path / "net.onnx"
    path.write_bytes(b"the good one")
    with full_disk(1000), pytest.raises(pl.NetworkError, match="cannot be written .*; name a file"):
        network.to_onnx(path)
    assert path.read_bytes() == b"the good one" and list(tmp_path.iterdir()) == [path]
    network.to_onnx(path)
    assert pl.Network.from_onnx(path).layers[0].input_size == 30
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ("net.textproto", "net.json", "net"))
def test_the_ending_names_the_format(tmp_path, name):
    network = random_network(np.random.default_rng(0), [(3, 4)])
    network.to_onnx(tmp_path / name)
    onnx.checker.check_model(onnx.load(tmp_path / name))
    again = pl.Network.from_onnx(tmp_path / name)
    assert np.array_equal(again.layers[0].w_ih, network.layers[0].w_ih)


def test_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    network, _ = random_wirings.random_network(np.random.default_rng(0))
    with pytest.raises(pl.MissingExtraError, match="onnx = None: not installed"):
        network.to_onnx(tmp_path / "net.onnx")
