"""``pynq-lstm emulate``: the driver of the board on an emulated one, with modelled times."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace

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


@pytest.mark.parametrize("command", ["infer", "bench"])
def test_infer_and_bench_run_on_the_overlay_that_is_named(
    given, tmp_path, monkeypatch, capsys, command
):
    """One that no model picks by itself, in the folder where a fetched one would be."""
    design = replace(files.designs()[TINY], name="mine", clock_mhz=111)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "design.json").write_text(design.to_json())
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(tmp_path))
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    words = given if command == "infer" else [given[0], "--calls", "1", "--input", given[1]]
    found = {}
    for name in (TINY, "mine"):
        for backend in ("auto", "emulator"):
            assert main([command, *words, "--backend", backend, "--overlay", name, "--json"]) == 0
            told = json.loads(capsys.readouterr().out)
            report = told["report"] if command == "infer" else told["rows"][0]
            found[name, backend] = report["kernel_seconds"]
    with pl.load(given[0], "emulator", overlay=TINY) as session:
        session.infer(np.load(given[1]))
        seconds = session.last_run.kernel_seconds
    slower = files.designs()[TINY].clock_mhz / 111
    for backend in ("auto", "emulator"):
        assert found[TINY, backend] == pytest.approx(seconds)
        assert found["mine", backend] == pytest.approx(slower * seconds, rel=0.05)


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
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_well_by_a_signal(number):
    """0, not the 130 of other commands: Ctrl-C is how it is ended."""
    pytest.importorskip("pynq.remote")
    command = [sys.executable, "-m", "pynq_lstm.cli.main", "emulate", "--serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--seconds", "200", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        said = next(line for line in process.stderr if "serving on 127.0.0.1:" in line)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait(timeout=60)
    assert said and process.returncode == 0, err
    assert json.loads(out)["live_buffers"] == 0 and "interrupted" not in err


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
