"""What is more than LSTMs side by side is not compressed yet, and says so before any work."""

import re

import numpy as np
import pytest
from example_matrices import random_layer, random_network

import pynq_lstm as pl
from pynq_lstm.cli import main
from pynq_lstm.importers import state_dict

CASES = {
    "layers": (
        {"stacks": [pl.Stack(2)]},
        "m0.num_layers = 2: stacks and second directions are not compressed yet",
    ),
    "directions": (
        {"stacks": [pl.Stack(), pl.Stack(1, True)], "count": 3},
        "m1.bidirectional = True: stacks and second directions are not compressed yet",
    ),
    "connected": (
        {"wiring": ["x0", "m0"]},
        "wiring = {'m0': 'x0', 'm1': 'm0'}: connected LSTMs are not compressed yet",
    ),
    "shared input": ({"wiring": ["x0", "x0"]}, "connected LSTMs are not compressed yet"),
    "head of one": (
        {"wiring": {"head": "m1"}},
        "run it in float32 with infer, or take its LSTMs apart: Network(network.layers)",
    ),
}


@pytest.fixture(params=CASES)
def refused(request):
    fields, text = CASES[request.param]
    fields = dict(fields)
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, 4, 4) for _ in range(fields.pop("count", 2))]
    return pl.Network(layers, **fields), text


def test_compress_and_compare_refuse_by_name(refused):
    network, text = refused
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        pl.compress(network)  # before the calibration is missed
    plain = random_network(np.random.default_rng(0), [(4, 4)])
    model = pl.compress(plain, input_range=(-1, 1), refinements=2)
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        pl.compare(network, model, None)


def test_the_remedy_works(refused):
    network, _ = refused
    apart = pl.Network(network.layers)
    model = pl.compress(apart, input_range=(-1, 1), refinements=2)
    assert model.models == len(network.layers)


def test_command_line_refuses_by_name(refused, tmp_path, capsys):
    network, _ = refused
    state_dict.save(network, tmp_path / "net.safetensors")
    x = np.ones((2, 3, 4), np.float32)
    np.save(tmp_path / "x.npy", x)
    arguments = ["compress", str(tmp_path / "net.safetensors"), "-o", str(tmp_path / "out")]
    assert main.main([*arguments, "--calibration", str(tmp_path / "x.npy")]) != 0
    assert "not compressed yet" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_names_alone_connect_nothing():
    layers = random_network(np.random.default_rng(0), [(4, 4), (3, 5)]).layers
    network = pl.Network(layers, wiring=pl.Wiring(("a", "b"), ("x0", "x1")))
    first, second = (
        pl.compress(net, input_range=(-1, 1), refinements=2).content_hash
        for net in (network, pl.Network(layers))
    )
    assert first == second
