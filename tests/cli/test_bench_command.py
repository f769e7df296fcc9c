"""``pynq-lstm bench``: several back ends side by side."""

import json

import numpy as np
import pytest
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm.cli.main import main


@pytest.fixture
def model(tmp_path):
    network = random_network(np.random.default_rng(0), [(6, 8), (6, 8)])
    path = tmp_path / "model.safetensors"
    pl.compress(network, input_range=(-1, 1), refinements=3, progress=False).save(path)
    return path


def told(capsys, *arguments):
    assert main(["bench", *map(str, arguments), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_back_ends_side_by_side(model, capsys):
    given = ("--backend", "reference", "auto", "--batch", 3, "--steps", 7, "--calls", 5)
    answer = told(capsys, model, *given)
    assert (answer["batch"], answer["steps"]) == (3, 7)
    assert [row["backend"] for row in answer["rows"]][0] == "reference"
    assert len(answer["rows"]) == 2
    for row in answer["rows"]:
        assert row["calls"] == 5 and row["kernel_seconds"] is None
        assert 0 < row["p50"] <= row["p99"] <= row["max"]
        assert row["calls_per_second"] == pytest.approx(1 / row["mean"])
        assert row["steps_per_second"] == pytest.approx(3 * 7 / row["mean"])


@pytest.mark.parametrize("shape, sizes", [((2, 3, 5, 6), (3, 5)), ((2, 4, 6), (1, 4))])
def test_an_input_brings_its_sizes(model, tmp_path, capsys, shape, sizes):
    x = np.zeros(shape, np.float32)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", *x)
    for name in ("x.npy", "x.npz"):
        given = ("--input", tmp_path / name, "--calls", 2, "--backend", "reference")
        answer = told(capsys, model, *given)
        assert (answer["batch"], answer["steps"]) == sizes


def test_a_single_input(tmp_path, capsys):
    network = random_network(np.random.default_rng(0), [(6, 8)])
    pl.compress(network, "dense", input_range=(-1, 1), progress=False).save(tmp_path / "model")
    np.save(tmp_path / "x.npy", np.zeros((3, 5, 6), np.float32))
    given = ("--input", tmp_path / "x.npy", "--calls", 2, "--backend", "reference")
    answer = told(capsys, tmp_path / "model", *given)
    assert (answer["batch"], answer["steps"]) == (3, 5)


def test_for_people(model, capsys):
    assert main(["bench", str(model), "--backend", "reference", "--calls", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 x 32 steps a call, measured here"
    assert lines[2].startswith("reference ") and len(lines) == 3


def test_a_device_says_what_is_modelled(monkeypatch, model, capsys):
    from pynq_lstm.runtime import sessions
    from pynq_lstm.runtime.reference_backend import ReferenceBackend
    from pynq_lstm.runtime.report import Timing

    class Device(ReferenceBackend):
        name, count_cycles = "emulator", False

        @property
        def timing(self):
            cycles = 1250 if self.count_cycles else None
            return Timing({"run": 2e-3}, True, 2.5e-3, cycles, "mmio")

    monkeypatch.setattr(sessions, "open_backend", lambda name, model: Device(model))
    assert main(["bench", str(model), "--calls", "2"]) == 0
    assert "  the kernel alone 2.500 ms, 1,250 cycles, modelled\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "more, text",
    [
        (["--calls", "0"], "calls = 0: not a count; pass an integer of at least 1"),
        (["--backend", "cpu", "cpu"], "backend = 'cpu': named twice; name each back end once"),
        (["--backend", "gpu"], "backend = 'gpu': unknown"),
        (["--input", "none.npy"], "path = 'none.npy': cannot be read"),
    ],
)
def test_refused(model, capsys, more, text):
    assert main(["bench", str(model), *more]) == 2
    out, err = capsys.readouterr()
    assert out == "" and text in err and err.count("\n") == 1


@pytest.mark.parametrize("sizes", [("--batch", 10**12), ("--steps", 10**30)])
def test_more_zeros_than_a_machine_should_be_asked_for(model, capsys, sizes):
    assert main(["bench", str(model), *map(str, sizes)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "batch = " in err and "above 1,073,741,824; pass fewer sequences or steps" in err
