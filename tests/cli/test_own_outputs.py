"""No command writes over what it reads, by whatever name, and none finds out after its work."""

import os

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.cli import arrays, outputs
from pynq_lstm.cli.main import main
from pynq_lstm.importers import state_dict


@pytest.fixture
def folder(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    network = random_network(rng, [(4, 5), (4, 5)], classes=3)
    (tmp_path / "found").mkdir()
    state_dict.save(network, tmp_path / "network")
    state_dict.save(network, tmp_path / "found" / "model.safetensors")
    x = np.stack(random_inputs(rng, network))
    np.save(tmp_path / "x.npy", x)
    labels = network.infer_logits(x).argmax(axis=1)
    np.savez(tmp_path / "labelled.npz", x0=x[0], x1=x[1], labels=labels)
    pl.compress(network, input_range=(-1, 1), refinements=2, progress=False).save(tmp_path / "m")
    os.symlink("network", tmp_path / "link")
    os.link(tmp_path / "network", tmp_path / "hard")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMPRESS = "compress network --refinements 2 --calibration x.npy "
DROP = "compress network --max-drop 50 --validation labelled.npz --calibration x.npy "
EXPLORE = "explore found/model.safetensors --max-mse 1 --tries 0 "


@pytest.mark.parametrize(
    "command, what",
    [
        (COMPRESS + "-o network", "the network"),
        (COMPRESS + "-o ./found/../network", "the network"),
        (COMPRESS + "-o link", "the network"),
        (COMPRESS + "-o hard", "the network"),
        (COMPRESS + "-o x.npy", "--calibration"),
        (DROP + "-o labelled.npz", "--validation"),
        (EXPLORE + "-o found --calibration x.npy", "the network"),
        (EXPLORE + "-o new --calibration x.npy --store new/model.safetensors", "--store"),
        ("infer m x.npy --backend reference -o x.npy", "x"),
        ("infer m x.npy --backend reference -o m", "the model"),
        ("emulate m x.npy -o x.npy", "x"),
        ("emulate m x.npy -o m", "the model"),
    ],
)
def test_what_is_read_is_not_written_over(folder, capsys, command, what):
    before = contents(folder)
    assert main(command.split()) == 2
    out, err = capsys.readouterr()
    problem = f": is the same file as {what}, which would be overwritten; give a path of its own\n"
    assert out == "" and err.startswith("pynq-lstm: error: output = ") and err.endswith(problem)
    assert contents(folder) == before


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_another_file_is_still_replaced(folder, capsys):
    (folder / "made").write_bytes(b"an earlier one")
    assert main((COMPRESS + "-o made").split()) == 0
    assert main(["infer", "made", "x.npy", "--backend", "reference", "-o", "y.npz"]) == 0
    assert main(["infer", "made", "x.npy", "--backend", "reference", "-o", "y.npz"]) == 0
    with np.load(folder / "y.npz") as saved:
        assert set(saved.files) == {"out", "h", "c"}


def test_names_that_are_still_free_are_compared_too(folder):
    with pytest.raises(pl.InputError, match="output = 'new': is the same file as --checkpoint"):
        outputs.check_file("new", inputs={"--checkpoint": str(folder / "new"), "--data": None})
    outputs.check_file("new", inputs={"--checkpoint": str(folder / "newer")})


@pytest.mark.parametrize("command", ["infer", "emulate"])
@pytest.mark.parametrize(
    "path, text",
    [
        ("found", "is a folder"),
        ("none/y.npz", "its folder is not there"),
        ("m/y.npz", "its folder is not there"),
        ("/dev/null", "is not a regular file"),
        ("", "is a folder"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_refused_before_the_run(
    folder, monkeypatch, capsys, command, path, text
):
    from pynq_lstm.cli import emulate, infer

    def opened(*_, **__):
        raise AssertionError("the session was opened first")

    for module in (infer, emulate):
        monkeypatch.setattr(module, "load", opened)
    assert main([command, "m", "x.npy", "-o", path]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("pynq-lstm: error: output = ") and text in err


def test_an_error_while_writing_names_the_path_alone(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "y.npz.0123.tmp")

    monkeypatch.setattr(arrays.os, "replace", full)
    with pytest.raises(pl.InputError) as refused:
        arrays.write("y.npz", {"out": np.zeros(3)})
    assert "output = 'y.npz': cannot be written (No space left on device);" in str(refused.value)
    assert "tmp" not in str(refused.value) and not list(folder.glob("*.tmp"))
