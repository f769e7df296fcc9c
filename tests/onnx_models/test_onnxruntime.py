"""Networks written as ONNX, run by ONNX Runtime."""

import numpy as np
import onnxruntime
import pytest
from exported import SEEDS, case, check
from onnx_graphs import Graph, run

import pynq_lstm as pl
from pynq_lstm.exporters import onnx_graph


def runtime(model, **given):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, given)


@pytest.mark.parametrize("padded", (False, True), ids=("whole", "lengths"))
@pytest.mark.parametrize("seed", SEEDS)
def test_random_network(seed, padded):
    network, x, lengths = case(seed)
    model = onnx_graph.model(network, padded)
    check(network, model, x, lengths if padded else None, runtime)


@pytest.mark.parametrize("method", ("svd", "dense", "block_diagonal"))
def test_compressed_model(tmp_path, method):
    rng = np.random.default_rng(0)
    options = {"svd": {"refinements": 4}, "block_diagonal": {"block_rank": 2}}.get(method, {})
    g = Graph()
    x = rng.uniform(-1, 1, (3, 6, 8)).astype(np.float32)
    imported = pl.Network.from_onnx(g.model(*g.lstm(g.input("x", ["time", "batch", 8]), 8, 8)))
    model = pl.compress(imported, method, calibration=x, **options)
    network = model.float_network()
    network.to_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    out, h, c = session.run(None, {"x0": x})
    expected = network.infer(x)
    np.testing.assert_allclose(out, expected[0], atol=1e-5)
    np.testing.assert_allclose(h, expected[1][0], atol=1e-5)
    np.testing.assert_allclose(c, expected[1][1], atol=1e-5)


def test_the_naive_run_of_these_tests_agrees():
    x = np.random.default_rng(0).standard_normal((7, 3, 4)).astype(np.float32)
    lengths = np.array([7, 2, 5], np.int32)
    for directions in (1, 2):
        state = np.random.default_rng(1).standard_normal((2, directions, 3, 5)).astype(np.float32)
        g = Graph()
        given = [g.input("x", ["time", "batch", 4]), g.input("lengths", ["batch"], 6)]
        given += [g.input(name, [directions, "batch", 5]) for name in ("h0", "c0")]
        model = g.model(*g.lstm(given[0], 4, 5, more=given[1:], directions=directions))
        feeds = {"x": x, "lengths": lengths, "h0": state[0], "c0": state[1]}
        ours, theirs = (way(model, **feeds) for way in (run, runtime))
        for one, other in zip(ours, theirs):
            np.testing.assert_allclose(one, other, atol=1e-5)
