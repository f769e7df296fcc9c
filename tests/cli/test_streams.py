"""What the command line prints where: a reader that goes away, warnings, tables, valid JSON."""

import dataclasses
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from random_models import random_model

import pynq_lstm
from pynq_lstm.cli import info
from pynq_lstm.cli.main import main
from pynq_lstm.errors import BackendError
from pynq_lstm.runtime.cpu import backend

ROOT = Path(pynq_lstm.__file__).resolve().parents[1]


@pytest.fixture
def model():
    """One LSTM of the per-gate form."""
    rng = np.random.default_rng(5)
    while True:
        drawn = random_model(rng)
        if drawn.models == 1 and not drawn.input.gate_stacked and sum(drawn.input.counts) > 3:
            return drawn


@pytest.fixture
def files(model, tmp_path):
    model.save(tmp_path / "model.safetensors")
    np.save(tmp_path / "x.npy", np.full((1, 3, *model.input_sizes), 1e6, np.float32))
    return str(tmp_path / "model.safetensors"), str(tmp_path / "x.npy")


@pytest.mark.parametrize("arguments", [["info", "{0}"], ["info", "{0}", "--json"], ["--help"]])
def test_a_reader_that_goes_away(files, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        ran = subprocess.run(
            [sys.executable, "-m", "pynq_lstm.cli.main", *(a.format(*files) for a in arguments)],
            stdout=stdout,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""},
            text=True,
            timeout=60,
        )
    assert (ran.stderr, ran.returncode) == ("", 141)


def test_a_reader_that_goes_away_before_an_error(capsys, monkeypatch):
    """In process: the descriptor of stdout, and no other, is put on the null device."""

    class Gone:
        def write(self, text):
            raise BrokenPipeError

        def flush(self):
            raise BrokenPipeError

        def fileno(self):
            return spare

    with open(os.devnull, "wb") as spare_file:
        spare = spare_file.fileno()
        monkeypatch.setattr(sys, "stdout", Gone())
        assert main(["info", "missing"]) == 141
    assert capsys.readouterr().err.startswith("pynq-lstm: error: path = 'missing'")


def test_saturation_is_one_line(files, capsys):
    before = warnings.showwarning
    assert main(["infer", *files, "--json", "--backend", "reference"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["report"]["saturated"]["x"] > 0
    assert err.startswith("pynq-lstm: warning: 100.00% of x") and err.count("\n") == 1
    assert warnings.showwarning is before


def test_fallback_is_one_line(files, capsys, monkeypatch):
    def unavailable(model):
        raise BackendError("kernel", "x", "not built,\nsays\r\nthe compiler", "build it")

    monkeypatch.setattr(backend, "CpuBackend", unavailable)
    np.save(files[1], np.load(files[1]) * 0)
    assert main(["infer", *files]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("backend reference")
    first = err.splitlines()[0]
    assert first.startswith("pynq-lstm: warning: the slow reference runs")
    assert "not built, says the compiler" in first
    assert all(line.startswith("pynq-lstm: warning: ") for line in err.splitlines())


def test_library_users_see_warnings_as_ever(files):
    with pytest.warns(pynq_lstm.SaturationWarning):
        pynq_lstm.load(files[0], "reference").infer(np.load(files[1]))


def without_v(part):
    zeros = {"v": np.zeros_like(part.v), "v_mask": np.zeros_like(part.v_mask)}
    return dataclasses.replace(part, **zeros)


def refuse_constant(name):
    raise AssertionError(f"{name} is not JSON")


def test_info_without_any_v_tile(model, files, capsys):
    bare = dataclasses.replace(
        model, input=without_v(model.input), hidden=without_v(model.hidden), head=None
    )
    bare.save(files[0])
    assert main(["info", files[0], "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out, parse_constant=refuse_constant)
    assert told["input"]["v_tiles_present"] == told["hidden"]["v_tiles_present"] == 0
    assert told["head"] is None and err == ""
    assert main(["info", files[0]]) == 0
    assert "v tiles present 0" in capsys.readouterr().out


def test_shares_are_of_the_tiles_that_a_form_has():
    rng = np.random.default_rng(6)
    for _ in range(30):
        model = random_model(rng)
        told = info.describe(model)
        for name in ("input", "hidden"):
            part = getattr(model, name)
            tiles = part.v_mask.shape[2] * len(part.v_mask) * (4 if part.gate_stacked else 1)
            assert told[name]["v_tiles_present"] == pytest.approx(part.v_mask.sum() / tiles)
            assert told[name]["u_tiles_present"] == pytest.approx(
                part.u_mask.sum() / part.u_mask.size
            )
            assert told[name]["components"] == sum(told[name]["lists"]) == len(part.u)


def test_info_for_people(model, files, capsys):
    named = model.with_provenance({"made by": "a test", "share": 0.5, "odd": "\x1b[2Jtwo\nlines"})
    named.save(files[0])
    assert main(["info", files[0]]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    counts = model.input.counts
    (line,) = [line for line in lines if line.startswith("input  ") and "lists" in line]
    assert f" components {sum(counts)}, lists {' '.join(map(str, counts))}, form per gate" in line
    assert "{" not in text and "[" not in text.replace("[2Jtwo", "") and "\x1b" not in text
    assert all("  " in line for line in lines if line != "provenance")
    at = lines.index("provenance")
    assert [line.split(maxsplit=1)[0] for line in lines[at + 1 :]] == ["made", "odd", "share"]
    assert all(line.startswith("  ") for line in lines[at + 1 :])
    assert lines[at + 1].endswith("  a test") and lines[at + 3].endswith("  0.5")


def test_infer_for_people(files, capsys):
    main(["infer", *files, "--backend", "reference"])
    text = capsys.readouterr().out
    count = 3 * np.load(files[1]).shape[-1]
    assert f"saturated x {count} of {count}, " in text and "{" not in text


def test_a_character_that_stdout_does_not_have_is_one_line(model, files):
    """With --json it is written as ASCII."""
    model.with_provenance({"made by": "Ærø"}).save(files[0])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    for more, code in (([], 2), (["--json"], 0)):
        ran = subprocess.run(
            [sys.executable, "-m", "pynq_lstm.cli.main", "info", files[0], *more],
            capture_output=True,
            env=environment,
            text=True,
            timeout=60,
        )
        assert ran.returncode == code, ran.stderr
        assert ran.stderr.startswith("pynq-lstm: error: stdout: 'ascii' codec") is (code == 2)
        assert ran.stderr.count("\n") == (code == 2)


def test_nothing_that_is_not_json_is_printed(files, monkeypatch, capsys):
    monkeypatch.setattr(info, "run", lambda options: {"share": float("nan")})
    assert main(["info", files[0], "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "error: answer.share = nan: JSON has no such number; what the command did is" in err
    monkeypatch.setattr(info, "run", lambda options: {"of": [{"a": 1.5}, {"a": -float("inf")}]})
    assert main(["info", files[0], "--json"]) == 2
    assert "error: answer.of[1].a = -inf: JSON" in capsys.readouterr().err
