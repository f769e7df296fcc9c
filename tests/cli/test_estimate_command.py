"""``pynq-lstm estimate``: fits or not, and modelled cycles."""

import json
from dataclasses import replace

import numpy as np
import pytest
from random_models import sized_model

from pynq_lstm.accelerator.devices.device import Device
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.cli.main import main
from pynq_lstm.runtime.fpga.files import designs


@pytest.fixture
def model(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "model.safetensors"
    sized_model(rng, (20, 20), (40, 40), 6, activation_bits=8, p_bits=10).save(path)
    return str(path)


def test_it_says_cycles_and_that_they_are_modelled(model, capsys):
    assert main(["estimate", model]) == 0
    text = capsys.readouterr().out
    assert "modelled" in text and "cycles" in text and "hidden.u_words" in text


def test_a_smaller_prefix_is_not_slower(model, capsys):
    cycles = []
    for refinements in ("1", "6"):
        assert main(["estimate", model, "--refinements", refinements, "--json"]) == 0
        cycles.append(json.loads(capsys.readouterr().out)["cycles_per_step"])
    assert 0 < cycles[0] <= cycles[1]


def test_energy_is_told_with_its_range_and_its_basis(model, capsys):
    assert main(["estimate", model]) == 0
    text = capsys.readouterr().out
    assert "nJ with its memory" in text and "would save" in text and "is not done" in text
    assert main(["estimate", model, "--json"]) == 0
    energy = json.loads(capsys.readouterr().out)["energy_per_step"]
    assert energy["basis"].startswith("modelled")
    for name in ("total_nj", "watts"):
        low, high = energy[f"{name}_range"]
        assert 0 < low < energy[name] < high
    assert energy["watts_if_clocks_were_gated"] < energy["watts"]
    assert set(energy["idle_clock_nj"]) >= {"input_u", "hidden_v", "sigma"}


def test_what_does_not_fit_is_named(model, capsys):
    assert main(["estimate", model, "--design", "svd_lstm_tiny"]) == 2
    assert "hidden" in capsys.readouterr().err


def test_an_unknown_design_is_named(model, capsys):
    assert main(["estimate", model, "--design", "nothing"]) == 2
    assert "svd_lstm_wide" in capsys.readouterr().err


def test_the_older_names_are_the_same_command(model, capsys):
    answers = []
    for arguments in (
        ["estimate", model, "--overlay", "svd_lstm", "--json"],
        ["accelerator", model, "--design", "svd_lstm", "--json"],
    ):
        assert main(arguments) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1] and '"design": "svd_lstm"' in answers[0]


def test_what_the_design_takes_of_a_device(model, capsys):
    assert main(["estimate", model, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = estimate(designs()[told["design"]])
    assert (told["device"], told["fits"]) == ("zcu104", True)
    assert told["resources"]["dsp"] == {"used": found.dsp, "available": found.available["dsp"]}
    assert told["resources"]["lut"]["used"] == found.lut[1]


def test_a_device_that_is_too_small_is_exit_code_1(model, capsys):
    small = ["estimate", model, "--overlay", "svd_lstm", "--device", "ultra96"]
    design = designs()["svd_lstm"]
    assert estimate(design).dsp > Device.of("ultra96").dsp  # else this test says nothing
    assert main(small) == 1
    assert "the design      does not fit ultra96" in capsys.readouterr().out
    assert main(["estimate", model, "--device", "zcu1"]) == 2
    assert "zcu1" in capsys.readouterr().err
    assert main(["estimate", model, "--device", "arria10"]) == 2
    assert "choose an UltraScale+ device" in capsys.readouterr().err


def test_a_folder_and_a_file_stand_for_their_design(model, tmp_path, capsys):
    design = replace(designs()["svd_lstm"], name="mine", clock_mhz=100)
    (tmp_path / "design.json").write_text(design.to_json())
    for path in (tmp_path, tmp_path / "design.json"):
        assert main(["estimate", model, "--overlay", str(path), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["design"] == "mine"
        assert told["microseconds_per_step"] == told["cycles_per_step"] / 100


def test_a_part_of_no_known_device_needs_one(model, tmp_path, capsys):
    (tmp_path / "design.json").write_text(
        replace(designs()["svd_lstm"], part="xczu9eg-ffvb1156-2-e").to_json()
    )
    given = ["estimate", model, "--overlay", str(tmp_path)]
    assert main(given) == 2
    assert "device = None: none is known by xczu9eg" in capsys.readouterr().err
    assert main([*given, "--device", "zcu104"]) == 0
