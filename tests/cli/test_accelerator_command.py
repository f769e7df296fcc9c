"""``pynq-lstm accelerator``: fits or not, and modelled cycles."""

import json

import numpy as np
import pytest
from random_models import sized_model

from pynq_lstm.cli.main import main


@pytest.fixture
def model(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "model.safetensors"
    sized_model(rng, (20, 20), (40, 40), 6, activation_bits=8, p_bits=10).save(path)
    return str(path)


def test_it_says_cycles_and_that_they_are_modelled(model, capsys):
    assert main(["accelerator", model]) == 0
    text = capsys.readouterr().out
    assert "modelled" in text and "cycles" in text and "hidden.u_words" in text


def test_a_smaller_prefix_is_not_slower(model, capsys):
    cycles = []
    for refinements in ("1", "6"):
        assert main(["accelerator", model, "--refinements", refinements, "--json"]) == 0
        cycles.append(json.loads(capsys.readouterr().out)["cycles_per_step"])
    assert 0 < cycles[0] <= cycles[1]


def test_energy_is_told_with_its_range_and_its_basis(model, capsys):
    assert main(["accelerator", model]) == 0
    text = capsys.readouterr().out
    assert "nJ with its memory" in text and "would save" in text and "is not done" in text
    assert main(["accelerator", model, "--json"]) == 0
    energy = json.loads(capsys.readouterr().out)["energy_per_step"]
    assert energy["basis"].startswith("modelled")
    for name in ("total_nj", "watts"):
        low, high = energy[f"{name}_range"]
        assert 0 < low < energy[name] < high
    assert energy["watts_if_clocks_were_gated"] < energy["watts"]
    assert set(energy["idle_clock_nj"]) >= {"input_u", "hidden_v", "sigma"}


def test_what_does_not_fit_is_named(model, capsys):
    assert main(["accelerator", model, "--design", "svd_lstm_tiny"]) == 2
    assert "hidden" in capsys.readouterr().err


def test_an_unknown_design_is_named(model, capsys):
    assert main(["accelerator", model, "--design", "nothing"]) == 2
    assert "svd_lstm_wide" in capsys.readouterr().err
