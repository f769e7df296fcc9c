"""Files of networks with layers, directions and a wiring: theirs, and PyTorch's."""

import json

import numpy as np
import pytest
import random_wirings
import safetensors.numpy
from example_matrices import random_network
from test_importers import LSTM, assert_same_network

import pynq_lstm as pl
from pynq_lstm.importers import state_dict


def with_metadata(path, text):
    safetensors.numpy.save_file(LSTM, path, {state_dict.METADATA: text})


@pytest.mark.parametrize("seed", range(12))
def test_random_network_comes_back(tmp_path, seed):
    rng = np.random.default_rng(seed)
    network, _ = random_wirings.random_network(rng)
    if seed % 2:
        joined = sum(network.sequences.head_sizes)
        head = pl.Head(rng.standard_normal((3, joined)).astype("f4"), np.zeros(3, np.float32))
        network = pl.Network(network.layers, head, network.stacks, network.wiring)
    state_dict.save(network, tmp_path / "net.safetensors")
    loaded = pl.Network.load(tmp_path / "net.safetensors")
    assert_same_network(loaded, network)
    assert (loaded.stacks, loaded.wiring) == (network.stacks, network.wiring)


def test_names_and_the_models_of_the_head_come_back(tmp_path):
    layers = random_network(np.random.default_rng(0), [(3, 4)] * 12).layers
    names = [f"m{j}" for j in range(11, -1, -1)]  # not in the order of the alphabet
    wiring = pl.Wiring.of({"head": "m3, m10"}, names)
    state_dict.save(pl.Network(layers, wiring=wiring), tmp_path / "net.safetensors")
    loaded = pl.Network.load(tmp_path / "net.safetensors").wiring
    assert loaded == wiring and loaded.names == tuple(names) and loaded.head == ("m3", "m10")


def test_file_of_models_side_by_side_has_no_metadata(tmp_path):
    network = random_network(np.random.default_rng(0), [(3, 4), (5, 6)])
    state_dict.save(network, tmp_path / "net.safetensors")
    with safetensors.safe_open(tmp_path / "net.safetensors", "np") as file:
        assert not file.metadata()


@pytest.mark.torch
def test_state_dict_of_a_module_with_a_wiring(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    parts = {
        "a": torch.nn.LSTM(3, 4, 2, bidirectional=True),
        "b": torch.nn.LSTM(8, 5, 3, bias=False),
        "head": torch.nn.Linear(5, 2),
    }
    path = tmp_path / "net.safetensors"
    save_file(torch.nn.ModuleDict(parts).state_dict(), path)
    wiring = ["x0", "m0 / 2"]
    loaded = pl.Network.load(path, wiring)
    made = pl.Network.from_torch([parts["a"], parts["b"]], parts["head"], wiring)
    assert_same_network(loaded, made)
    assert loaded.stacks == (pl.Stack(2, True), pl.Stack(3)) == made.stacks
    assert loaded.wiring == made.wiring
    with pytest.raises(pl.NetworkError, match=r"head\.weight\.shape = \(2, 5\): .*\(8, 5\) join"):
        pl.Network.load(path)


def test_given_wiring_goes_before_the_stored_one(tmp_path):
    with_metadata(tmp_path / "net.safetensors", json.dumps({"m0": "x0 / 2"}))
    assert pl.Network.load(tmp_path / "net.safetensors").wiring.rates == (2,)
    assert pl.Network.load(tmp_path / "net.safetensors", "x0 / 3").wiring.rates == (3,)


@pytest.mark.parametrize(
    "text, problem",
    [
        (
            "",
            r"metadata\['pynq_lstm\.wiring'\] = .*: not a wiring; save the network again, or",
        ),
        ("[" * 100_000, r"metadata\['pynq_lstm\.wiring'\] = .*: not a wiring"),
        ('["x0"]', r"metadata\['pynq_lstm\.wiring'\] = .*: not a wiring"),
        ("{}", r"wiring = \(\): not 1 models"),
        ('{"m0": "x0", "m1": "m0"}', r"wiring = \('m0', 'm1'\): not 1 models"),
        ('{"m0": "x0, x0"}', r"wiring\['m0'\] = 'x0, x0': nothing tells how many"),
        ('{"m0": 7}', r"wiring\['m0'\] = 7: not a text"),
        ('{"m0": "m0"}', "wiring = 'm0 -> m0': a cycle"),
        ('{"x0": "x0"}', "name of a model = 'x0': not a name"),
        ('{"m0": "x0", "head": "x0"}', r"wiring\['head'\] = 'x0': no model"),
    ],
)
def test_damaged_wiring_is_refused_by_name(tmp_path, text, problem):
    with_metadata(tmp_path / "net.safetensors", text)
    with pytest.raises(pl.NetworkError, match=problem):
        pl.Network.load(tmp_path / "net.safetensors")


@pytest.mark.torch
def test_wiring_object_and_names_of_modules():
    torch = pytest.importorskip("torch")
    modules = [torch.nn.LSTM(3, 4), torch.nn.LSTM(4, 5)]
    wiring = pl.Wiring(("low", "high"), ("x0", "low"))
    assert pl.Network.from_torch(modules, wiring=wiring).wiring is wiring
    with pytest.raises(pl.NetworkError, match=r"wiring\.names = .*: the modules' are \('a', 'b'\)"):
        pl.Network.from_torch(dict(zip("ab", modules)), wiring=wiring)
