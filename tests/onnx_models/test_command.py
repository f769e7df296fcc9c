"""The command line takes .onnx files."""

import json

import onnx
import pytest
from onnx_graphs import Graph

import pynq_lstm as pl
from pynq_lstm.cli.main import main


@pytest.mark.parametrize("name", ("net.onnx", "NET.ONNX"))
def test_compress(tmp_path, capsys, name):
    g = Graph()
    model = g.model(*g.lstm(g.input("x", ["time", "batch", 4]), 4, 8))
    onnx.save(model, tmp_path / name)
    output = tmp_path / "model.safetensors"
    given = ["compress", str(tmp_path / name), "-o", str(output), "--refinements", "2"]
    assert main([*given, "--input-range", "-1", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hidden_sizes"] == [8]
    assert pl.CompressedModel.load(output).input_sizes == (4,)


def test_damaged_file(tmp_path, capsys):
    (tmp_path / "net.onnx").write_bytes(b"\xff" * 100)
    assert main(["compress", str(tmp_path / "net.onnx"), "-o", "m", "--input-range", "0", "1"]) == 2
    assert "cannot be read as ONNX" in capsys.readouterr().err
