"""``pynq-lstm build`` with stand-ins for the tools, to an archive that ``fetch`` takes."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from overlay_build import CHECK, GENERATIONS, SAMPLES, bare_path

from pynq_lstm.cli.main import main
from pynq_lstm.runtime.fpga import files

pytestmark = pytest.mark.hls


@pytest.mark.parametrize("generation", GENERATIONS)
def test_from_the_package_to_the_board(tmp_path, monkeypatch, capsys, generation):
    tools = f"{CHECK / generation}{os.pathsep}{bare_path(tmp_path / 'tools')}"
    monkeypatch.setenv("PATH", tools)
    monkeypatch.setenv("TCL_CHECK_SAMPLES", str(SAMPLES))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PYNQ_LSTM_OVERLAYS", raising=False)
    assert main(["build", "svd_lstm", "--work", str(tmp_path / "work"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    archive = Path(told["archive"])
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == told["sha256"]
    said = archive.with_name("svd_lstm.zip.sha256").read_text()
    assert said == f"{told['sha256']}  svd_lstm.zip\n"
    assert main(["fetch", archive.as_uri(), "--sha256", told["sha256"]]) == 0
    found = files.find("svd_lstm", None)
    assert found.bit == tmp_path / "data" / "pynq_lstm" / "overlays" / "svd_lstm" / "svd_lstm.bit"
    assert found.design == files.designs()["svd_lstm"]
