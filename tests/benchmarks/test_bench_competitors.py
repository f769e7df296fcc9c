"""Peers are checked before they are timed; who cannot run is named, never just missing."""

import numpy as np
import pytest
from cpu import competitors, networks, variants
from cpu.peers import PEERS
from cpu.peers.peer import Peer
from cpu.shapes import Shape

SHAPE = Shape("tiny", 2, 6, 8, 5, 2, 3)
pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def modules():
    pytest.importorskip("torch")
    return networks.lstms(networks.weights(SHAPE))


def right(modules, x, threads):
    import torch

    return lambda: [m(torch.from_numpy(a))[0].numpy() for m, a in zip(modules, x)]


def wrong(modules, x, threads):
    return lambda: [h + 0.5 for h in right(modules, x, threads)()]


def short(modules, x, threads):
    return lambda: [h[1:] for h in right(modules, x, threads)()]


def broken(modules, x, threads):
    raise OSError("no such device")


def missing(modules, x, threads):
    raise ImportError("No module named 'nothing'")


def opened(monkeypatch, modules, peers, batch=1, models=None, own=None):
    monkeypatch.setattr(competitors, "PEERS", peers)
    x = networks.inputs(SHAPE, batch, 2)
    with competitors.opened(modules, models or {}, x, 1, SHAPE.weights, own) as found:
        return found


def test_a_peer_that_is_right(monkeypatch, modules):
    found, left_out = opened(monkeypatch, modules, [Peer("right", "numpy", 8, 1e-6, right)])
    assert not left_out and found["right"].error == 0
    assert found["right"].weight_bytes == SHAPE.weights and not found["right"].ours
    assert len(found["right"].call()) == SHAPE.models


@pytest.mark.parametrize(
    "prepare, reason",
    [
        (wrong, "h differs by 0.5 from PyTorch's, more than 0.1"),
        (short, "h differs by inf"),
        (broken, "OSError: no such device"),
        (missing, "not installed (No module named 'nothing')"),
    ],
)
def test_peers_that_are_left_out(monkeypatch, modules, prepare, reason):
    found, left_out = opened(monkeypatch, modules, [Peer("odd", "numpy", 8, 0.1, prepare)])
    assert not found and left_out["odd"].startswith(reason)


def test_one_sequence_only(monkeypatch, modules):
    peers = [Peer("single", "numpy", 8, 0.1, right, batched=False)]
    assert "single" in opened(monkeypatch, modules, peers)[0]
    found, left_out = opened(monkeypatch, modules, peers, batch=2)
    assert not found and left_out == {"single": "takes one sequence only"}


def test_models_one_by_one_and_side_by_side(modules):
    """Whatever way is the fastest, the answers are the same."""
    x = [np.ascontiguousarray(a.swapaxes(0, 1)) for a in networks.inputs(SHAPE, 2, 2)]
    peer = Peer("right", "numpy", 8, 0.1, right)
    for threads in (1, 2):
        h = peer.fastest_call(modules, x, threads)()
        assert competitors.largest_difference(h, right(modules, x, 1)()) == 0


def test_ours(monkeypatch, modules):
    import pynq_lstm as pl

    models, _ = variants.compress(
        pl.Network.from_torch(modules), variants.of_shape(SHAPE)[:1], networks.inputs(SHAPE, 8, 3)
    )
    found, left_out = opened(monkeypatch, modules, [], models=models)
    (entry,) = found.values()
    assert not left_out and entry.ours and 0 < entry.error < 0.2
    assert 0 < entry.weight_bytes < 4 * SHAPE.weights


def test_ours_of_a_network_of_its_own(monkeypatch, modules):
    """The error is told against that network, not against the peers'."""
    import pynq_lstm as pl

    (variant,) = (v for v in variants.of_shape(SHAPE) if v.rank > 1)
    own = networks.lstms(networks.masked(networks.weights(SHAPE), variant.rank))
    models, _ = variants.compress(
        pl.Network.from_torch(own), [variant], networks.inputs(SHAPE, 8, 3)
    )
    found, _ = opened(monkeypatch, modules, [], models=models, own={variant.name: own})
    other, _ = opened(monkeypatch, modules, [], models=models)
    assert 0 < found[variant.name].error < 0.2 < other[variant.name].error


@pytest.mark.parametrize("peer", [p for p in PEERS if p.package in ("torch", "numpy")])
def test_peers_that_are_always_here(peer, modules):
    for batch in (1, 3):
        x = [np.ascontiguousarray(a.swapaxes(0, 1)) for a in networks.inputs(SHAPE, batch, 2)]
        error = competitors.largest_difference(
            peer.prepare(modules, x, 1)(), right(modules, x, 1)()
        )
        assert error <= peer.tolerance
