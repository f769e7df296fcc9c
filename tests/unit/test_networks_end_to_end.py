"""From torch to integers and back: networks of several layers, both directions and a hierarchy."""

import numpy as np
import pytest
import torch_lstms

import pynq_lstm as pl

pytestmark = pytest.mark.torch
METHODS = ("dense", "svd")  # the latter is close to its own weights, not to torch's


@pytest.fixture
def torch():
    found = pytest.importorskip("torch")
    found.manual_seed(0)
    return found


def opened(network, tmp_path):
    network.save(tmp_path / "network")
    return pl.load(tmp_path / "network", "cpu"), pl.load(tmp_path / "network", "reference")


@pytest.mark.parametrize("method", METHODS)
def test_two_layers_and_both_directions(torch, tmp_path, method):
    module = torch.nn.LSTM(10, 12, num_layers=2, bidirectional=True, batch_first=True)
    head = torch.nn.Linear(24, 5)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 9, 10)).astype(np.float32)
    net = pl.Network.from_torch(module, head)
    made = pl.compress(net, method, calibration=x, activation_bits=16, progress=False)
    assert made.members == ((0, 1), (2, 3))
    lengths = np.array([9, 1, 4, 9, 7, 2])
    if method == "svd":
        module = made.float_network().to_torch()[0]["m0"]
    expected = torch_lstms.run(torch, module, x, lengths=lengths)
    fast, naive = opened(made, tmp_path)
    with fast, naive:
        answers = [s.infer(x, lengths=lengths) for s in (fast, naive)]
        ours = [(out, h, c) for out, (h, c) in answers]
        for a, b in zip(*ours):
            np.testing.assert_array_equal(a, b)
        for a, b in zip(ours[0], expected):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=0, atol=0.01)
        with torch.no_grad():
            top = torch.from_numpy(np.concatenate(expected[1][-2:], axis=1))
            logits = head(top).numpy()
        found = fast.infer_logits(x, lengths=lengths)
        np.testing.assert_allclose(found, logits, rtol=0, atol=0.02)


def test_a_hierarchy(torch, tmp_path):
    """Components shared by directions and models of one depth; a slower model; one at the end."""
    lstm = torch.nn.LSTM
    modules = {
        "audio": lstm(6, 8, num_layers=2),
        "video": lstm(9, 8, bidirectional=True),
        "fused": lstm(8 + 16, 10),
        "slow": lstm(10, 7),
        "topic": lstm(7 + 16, 6),
    }
    wiring = {
        "fused": "audio, video",
        "slow": "fused / 3",
        "topic": "last(slow), last(video)",
        "head": "topic, slow",
    }
    head = torch.nn.Linear(6 + 7, 4)
    net = pl.Network.from_torch(modules, head, wiring)
    rng = np.random.default_rng(0)
    x = [rng.standard_normal((8, 13, size)).astype(np.float32) for size in (6, 9)]
    made = pl.compress(net, calibration=x, activation_bits=16, progress=False)
    names = [[made.lstms[k].name(made.wiring) for k in own] for own in made.members]
    assert names == [
        ["audio layer 0", "video layer 0", "video layer 0, reverse"],
        ["audio layer 1"],
        ["fused layer 0"],
        ["slow layer 0"],
        ["topic layer 0"],
    ]
    assert made.passes[0].input.s.shape[1] == 3  # the three share their components
    lengths = np.array([13, 3, 5, 9, 13, 12, 7, 4])
    kept = made.float_network()
    expected, (h_float, c_float) = kept.infer(x, lengths=lengths)
    fast, naive = opened(made, tmp_path)
    with fast, naive:
        (out, (h, c)), (its, (its_h, its_c)) = (s.infer(x, lengths=lengths) for s in (fast, naive))
        for ours, theirs, true in ((out, its, expected), (h, its_h, h_float), (c, its_c, c_float)):
            for a, b, e in zip(ours, theirs, true, strict=True):
                np.testing.assert_array_equal(a, b)
                np.testing.assert_allclose(a, e, rtol=0, atol=0.01)
        logits = fast.infer_logits(x, lengths=lengths)
        np.testing.assert_array_equal(logits, naive.infer_logits(x, lengths=lengths))
    np.testing.assert_allclose(logits, kept.infer_logits(x, lengths=lengths), rtol=0, atol=0.02)
    whole = pl.compress(net, "dense", calibration=x, activation_bits=16, progress=False)
    with pl.load(whole, "cpu") as session:
        ours = session.infer_logits(x, lengths=lengths)
    np.testing.assert_allclose(ours, net.infer_logits(x, lengths=lengths), rtol=0, atol=0.02)
