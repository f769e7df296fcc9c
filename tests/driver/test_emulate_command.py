"""``pynq-lstm emulate``: the driver of the board on an emulated one, with modelled times."""

import json
import socket

import numpy as np
import pytest
from small_model import small_case

import pynq_lstm as pl
from pynq_lstm.cli.main import main
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga import files

TINY = "svd_lstm_tiny"


@pytest.fixture
def given(tmp_path):
    """Arguments: a model and an input."""
    model, x = small_case()
    model.save(tmp_path / "model.safetensors")
    np.save(tmp_path / "x.npy", x)
    return [str(tmp_path / "model.safetensors"), str(tmp_path / "x.npy")]


def test_the_answer_is_the_references_and_its_time_is_modelled(given, tmp_path, capsys):
    more = ["--overlay", TINY, "--check", "-o", str(tmp_path / "y.npz"), "--refinements", "2"]
    assert main(["emulate", *given, *more, "--lengths", "5", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    report = told["report"]
    assert told["equals_reference"] is True and report["modelled"] is True
    assert report["backend"] == "emulator" and report["refinements"] == 2
    clock = files.designs()[TINY].clock_mhz * 1e6
    assert report["cycles"] == pytest.approx(report["kernel_seconds"] * clock, abs=4)
    with pl.load(given[0], "reference") as session, np.load(tmp_path / "y.npz") as saved:
        out, _ = session.infer(np.load(given[1]), lengths=np.array([5, 3]), refinements=2)
        np.testing.assert_array_equal(saved["out"], out)


@pytest.mark.parametrize("kind", ["folder", "bit"])
def test_an_overlay_by_its_path(given, tmp_path, capsys, kind):
    found = overlay_files(files.designs()[TINY])
    path = found.bit.parent if kind == "folder" else found.bit
    assert main(["emulate", *given, "--overlay", str(path), "--check"]) == 0
    out = capsys.readouterr().out
    assert " cycles, modelled\n" in out
    assert out.endswith("out, h and c equal those of the reference\n")


def test_another_answer_is_exit_code_1(given, monkeypatch, capsys):
    from pynq_lstm.cli import infer

    answered = infer.answered

    def wrong(session, x, options):
        saved = answered(session, x, options)
        if session.backend == "emulator":
            saved["h"] = saved["h"] + 1
        return saved

    monkeypatch.setattr(infer, "answered", wrong)
    assert main(["emulate", *given, "--overlay", TINY, "--check"]) == 1
    assert "DIFFER FROM those of the reference" in capsys.readouterr().out


def test_what_does_not_fit_is_named(given, capsys):
    assert main(["emulate", *given, "--overlay", "nothing"]) == 2
    assert "overlay = 'nothing': no design of this name" in capsys.readouterr().err


@pytest.mark.remote
def test_serving_ends_when_the_time_is_up(capsys):
    pytest.importorskip("pynq.remote")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    assert main(["emulate", "--serve", "--port", port, "--seconds", "0.1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["live_buffers"] == 0
    assert f"pynq-lstm: serving on 127.0.0.1:{port}\n" in err
