"""A file of a float network is told as one, whatever reads it, and a damaged file is not."""

import numpy as np
import pytest
import safetensors.numpy
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm import any_file
from pynq_lstm.cli.main import main
from pynq_lstm.importers import state_dict

TOLD = (
    "path = '{}': a float network, not a compressed one; compress it first, by "
    "pynq_lstm.compress or `pynq-lstm compress`"
)


@pytest.fixture
def network():
    return random_network(np.random.default_rng(0), [(3, 4), (3, 4)], classes=2)


def bare(network, path):
    """An nn.LSTM's own state dict, whose names have no prefix."""
    layer = network.layers[0]
    names = {"weight_ih_l0_reverse": layer.w_ih, "weight_hh_l0_reverse": layer.w_hh}
    safetensors.numpy.save_file(names, path)


def wired(network, path):
    """With metadata of its own."""
    wiring = pl.Network(network.layers[:1] * 2, None, None, ["x0", "x0"])
    state_dict.save(wiring, path)


@pytest.mark.parametrize("save", [state_dict.save, bare, wired])
def test_networks_of_safetensors(network, tmp_path, save):
    path = tmp_path / "net"
    save(network, path)
    for load in (any_file.load, lambda path: pl.load(path, "reference")):
        with pytest.raises(pl.ModelFormatError) as refused:
            load(path)
        assert str(refused.value) == TOLD.format(path)


@pytest.mark.parametrize("ending", ["onnx", "keras", "h5", "ONNX"])
def test_networks_by_their_endings(network, tmp_path, ending):
    path = tmp_path / f"net.{ending}"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(pl.ModelFormatError, match="a float network"):
        any_file.load(path)
    model = pl.compress(network, input_range=(-1, 1), refinements=2, progress=False)
    model.save(path)  # what is in a file counts, not what it is called
    assert any_file.load(path).content_hash == model.content_hash


def test_other_files_are_told_as_before(tmp_path):
    safetensors.numpy.save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "other")
    (tmp_path / "text").write_text("no model at all")
    for name in ("other", "text", "none.onnx"):
        with pytest.raises(pl.ModelFormatError) as refused:
            any_file.load(tmp_path / name)
        assert "float" not in str(refused.value)


@pytest.mark.parametrize("command", [["info"], ["estimate"], ["bench"], ["infer", "x.npy"]])
def test_commands(network, tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)  # an error shortens what is long
    path = "net.safetensors"
    state_dict.save(network, path)
    assert main([command[0], path, *command[1:]]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err == f"pynq-lstm: error: {TOLD.format(path)}\n"
