"""``pynq-lstm compress`` with a budget or a drop instead of ranks."""

import json
import re

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.budgets import costs
from pynq_lstm.cli.main import main
from pynq_lstm.importers import state_dict


@pytest.fixture
def given(tmp_path):
    """The arguments that all calls have."""
    rng = np.random.default_rng(0)
    network = random_network(rng, [(4, 5), (3, 5)], classes=3)
    state_dict.save(network, tmp_path / "network.safetensors")
    x = random_inputs(rng, network, 40)
    np.savez(tmp_path / "x.npz", *x)
    labels = network.infer_logits(x).argmax(axis=1)
    np.savez(tmp_path / "labelled.npz", x0=x[0], x1=x[1], labels=labels)
    np.savez(tmp_path / "unlabelled.npz", x0=x[0], x1=x[1])
    lengths = np.full(40, 3)
    labels = network.infer_logits(x, lengths=lengths).argmax(axis=1)
    np.savez(tmp_path / "short.npz", x0=x[0], x1=x[1], labels=labels, lengths=lengths)
    return [
        "compress",
        str(tmp_path / "network.safetensors"),
        "--output",
        str(tmp_path / "model.safetensors"),
        "--calibration",
        str(tmp_path / "x.npz"),
        "--sweeps",
        "3",
        "--weight-bits",
        "8",
    ]


def answer(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_bytes(given, capsys):
    assert main([*given, "--budget-bytes", "700", "--json"]) == 0
    made = answer(capsys)
    model = pl.CompressedModel.load(made["output"])
    assert costs.of(model)["bytes"] == made["stored_bytes"] <= 700
    chosen = made["search"]["tried"][made["search"]["chosen"]]
    assert chosen["bytes"] == made["stored_bytes"] and chosen["fits"] is True
    assert chosen["options"]["sweeps"] == 3 and chosen["options"]["weight_bits"] == 8
    assert model.provenance["asked"] == "least weight error, at most 700 bytes"
    assert main([*given, "--budget-bytes", "700"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "asked: least weight error, at most 700 bytes"
    assert sum(line.startswith(" > ") for line in shown) == 1
    assert len([line for line in shown if line[3:7] in (" yes", "  no")]) == len(
        made["search"]["tried"]
    )


def test_a_time_and_several_limits(given, capsys):
    limits = ["--budget-microseconds", "0.5", "--design", "svd_lstm", "--budget-words", "250"]
    limits += ["--budget-multiplications", "400", "--tries", "2"]
    assert main([*given, *limits, "--json"]) == 0
    made = answer(capsys)
    chosen = made["search"]["tried"][made["search"]["chosen"]]
    assert chosen["microseconds"] <= 0.5 and chosen["words"] <= 250
    assert chosen["multiplications"] <= 400 and len(made["search"]["tried"]) <= 2
    assert main(["info", made["output"]]) == 0
    assert "modelled microseconds a step" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["labelled", "short"])
def test_a_drop(given, tmp_path, capsys, name):
    more = ["--max-drop", "10", "--validation", str(tmp_path / f"{name}.npz"), "--cost", "words"]
    more += ["--tries", "6", "--solver", "greedy", "--json"]
    assert main([*given, *more]) == 0
    found = answer(capsys)["search"]
    assert found["float_value"] == 100
    chosen = found["tried"][found["chosen"]]
    assert chosen["drop"] <= 10
    assert all(chosen["words"] <= one["words"] for one in found["tried"] if one["fits"])


@pytest.mark.parametrize(
    "more, text",
    [
        (["--tries", "3"], "tries = 3: without a budget; name --budget-... or --max-drop"),
        (["--design", "svd_lstm"], "design = 'svd_lstm': without a budget"),
        (["--max-drop", "1"], "validate = None: a drop needs data to measure it"),
        (["--budget-bytes", "0"], "budget.bytes = 0: not a positive number"),
        (["--budget-bytes", "50"], "budget.bytes = 50: nothing fits, the least found are"),
        (["--budget-microseconds", "1"], "budget.design = None: a time needs a design"),
        (["--budget-bytes", "900", "--design", "fast"], "budget.design = 'fast': no such design"),
    ],
)
def test_refused(given, capsys, more, text):
    assert main([*given, *more]) == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--max-drop", "1"], ["--budget-bytes", "900"], []])
def test_an_output_that_cannot_be_is_refused_before_the_work(given, tmp_path, capsys, more):
    for output, text in ((tmp_path, "is a folder"), (tmp_path / "none" / "m", "is not there")):
        assert main([*given, *more, "--calibration", "none.npy", "-o", str(output)]) == 2
        assert re.search(f"output = .*: .*{text}; give a path", capsys.readouterr().err)


def test_a_file_without_labels(given, tmp_path, capsys):
    more = ["--max-drop", "1", "--validation", str(tmp_path / "unlabelled.npz")]
    assert main([*given, *more]) == 2
    assert "no array 'labels' among ['x0', 'x1']; write it with" in capsys.readouterr().err


def test_who_shares(given, tmp_path, capsys):
    """Groups of `--share` are those of `compress`; with a budget a search keeps to them."""
    assert main([*given, "--refinements", "4", "--share", "none", "--json"]) == 0
    made = answer(capsys)
    network = pl.Network.load(tmp_path / "network.safetensors")
    with np.load(tmp_path / "x.npz") as x:
        calibration = [x[name] for name in x.files]
    want = pl.compress(
        network, calibration=calibration, refinements=4, weight_bits=8, sweeps=3, share="none"
    )
    assert [one["lstms"] for one in made["passes"]] == [["m0 layer 0"], ["m1 layer 0"]]
    assert made["sha256"] == want.content_hash
    assert main([*given, "--budget-bytes", "700", "--share", "none", "--json"]) == 0
    found = answer(capsys)
    assert {one["options"]["share"] for one in found["search"]["tried"]} == {"none"}
    assert [one["lstms"] for one in found["passes"]] == [["m0 layer 0"], ["m1 layer 0"]]
