"""The command line takes files of Keras."""

import json

import numpy as np
import pytest
from keras_files import lstm, write

import pynq_lstm as pl
from pynq_lstm.cli.main import main


@pytest.mark.parametrize("name", ("net.keras", "net.h5", "NET.KERAS", "net.weights.h5"))
def test_compress(tmp_path, capsys, name):
    layers = [lstm(np.random.default_rng(0), 4, 8)]
    path = write(tmp_path / name.lower(), layers).rename(tmp_path / name)
    output = tmp_path / "model.safetensors"
    given = ["compress", str(path), "-o", str(output), "--refinements", "2"]
    assert main([*given, "--input-range", "-1", "1", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["hidden_sizes"] == [8]
    assert ("pynq-lstm: warning: this file holds weights only" in told.err) == ("weights" in name)
    assert pl.CompressedModel.load(output).input_sizes == (4,)


@pytest.mark.parametrize("name", ("net.keras", "net.h5"))
def test_damaged_file(tmp_path, capsys, name):
    (tmp_path / name).write_bytes(b"\xff" * 100)
    assert main(["compress", str(tmp_path / name), "-o", "m", "--input-range", "0", "1"]) == 2
    assert "cannot be read as a file of Keras" in capsys.readouterr().err
