"""Networks as PyTorch modules."""

import numpy as np
import pytest
import random_wirings
import torch_lstms
from example_matrices import random_layer, random_network
from test_importers import assert_same_network

import pynq_lstm as pl


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(6))
def test_network_comes_back(torch, seed):
    rng = np.random.default_rng(seed)
    network, _ = random_wirings.random_network(rng)
    if seed % 2:
        joined = sum(network.sequences.head_sizes)
        head = pl.Head(rng.standard_normal((3, joined)).astype("f4"), np.ones(3, np.float32))
        network = pl.Network(network.layers, head, network.stacks, network.wiring)
    lstms, head = network.to_torch()
    again = pl.Network.from_torch(lstms, head, network.wiring)
    assert_same_network(again, network)
    assert (again.stacks, again.wiring) == (network.stacks, network.wiring)


@pytest.mark.torch
def test_module_gives_what_the_network_gives(torch):
    network = random_network(np.random.default_rng(0), [(3, 4)])
    x = np.random.default_rng(1).standard_normal((2, 7, 3)).astype(np.float32)
    lstms, head = network.to_torch()
    assert head is None and list(lstms) == ["m0"]
    assert all(p.requires_grad for p in lstms["m0"].parameters())
    out, (h, c) = network.infer(x)
    for ours, theirs in zip((out, h, c), torch_lstms.run(torch, lstms["m0"], x)):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.torch
def test_reverse_is_refused_by_name(torch):
    layer = random_layer(np.random.default_rng(0), 3, 4)
    network = pl.Network([layer], stacks=[pl.Stack(reverse=True)])
    with pytest.raises(pl.NetworkError, match=r"m0\.reverse = True: nn\.LSTM has no such form"):
        network.to_torch()


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    network = random_network(np.random.default_rng(0), [(3, 4)])
    with pytest.raises(pl.MissingExtraError, match=r"torch = None: not installed; pip install"):
        network.to_torch()
