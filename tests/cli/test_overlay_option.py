"""``--overlay`` of infer and bench: what it is given to, and who refuses it."""

import json

import numpy as np
import pytest
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm.cli.main import main
from pynq_lstm.runtime import sessions
from pynq_lstm.runtime.reference_backend import ReferenceBackend


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A model and an input, on a machine without a board."""
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    network = random_network(np.random.default_rng(0), [(6, 8), (6, 8)])
    pl.compress(network, input_range=(-1, 1), refinements=3, progress=False).save(tmp_path / "m")
    np.save(tmp_path / "x.npy", np.zeros((2, 3, 5, 6), np.float32))
    return str(tmp_path / "m"), str(tmp_path / "x.npy")


@pytest.fixture
def opened(monkeypatch):
    """Back ends that are opened, with their options; each is the reference."""
    calls = []

    def open_backend(name, model, **options):
        calls.append((name, options))
        return ReferenceBackend(model)

    monkeypatch.setattr(sessions, "open_backend", open_backend)
    return calls


@pytest.mark.parametrize("command", ["infer", "bench"])
@pytest.mark.parametrize(
    "backend, named", [("reference", "reference"), ("cpu", "cpu"), ("auto", "cpu")]
)
def test_refused_where_there_is_no_accelerator(given, capsys, command, backend, named):
    words = [command, given[0], *(given[1:] if command == "infer" else [])]
    assert main([*words, "--backend", backend, "--overlay", "found"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and f"overlay = 'found': not an option of the back end '{named}'; " in err
    assert "choose the back end 'fpga' or 'emulator'" in err and err.count("\n") == 1


def test_infer_names_it_to_the_back_end(given, opened):
    assert main(["infer", *given, "--backend", "fpga", "--overlay", "found"]) == 0
    assert main(["infer", *given, "--backend", "fpga"]) == 0
    assert opened == [("fpga", {"overlay": "found"}), ("fpga", {})]


def test_bench_names_it_to_the_devices_among_them(given, opened, capsys):
    words = ["bench", given[0], "--calls", "1", "--overlay", "found", "--json"]
    assert main([*words, "--backend", "cpu", "emulator", "reference"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 3
    assert opened == [("cpu", {}), ("emulator", {"overlay": "found"}), ("reference", {})]


@pytest.mark.parametrize("backends", [["cpu", "auto"], ["cpu", "reference"], ["cpu", "gpu"]])
def test_bench_refuses_before_it_times_anything(given, opened, backends):
    assert main(["bench", given[0], "--overlay", "found", "--backend", *backends]) == 2
    assert opened == []


def test_where_the_emulator_is_asked_for_auto_takes_it(given, opened, monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    assert main(["bench", given[0], "--calls", "1", "--overlay", "found"]) == 0
    assert opened == [("auto", {"overlay": "found"})]
