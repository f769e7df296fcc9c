"""``pynq-lstm explore``."""

import json

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.accelerator.design import Design
from pynq_lstm.cli.main import main
from pynq_lstm.importers import state_dict


@pytest.fixture
def given(tmp_path):
    """The arguments that all calls have."""
    rng = np.random.default_rng(0)
    network = random_network(rng, [(4, 5), (4, 5)], classes=3)
    state_dict.save(network, tmp_path / "network.safetensors")
    x = random_inputs(rng, network, 40)
    np.savez(tmp_path / "x.npz", *x)
    labels = network.infer_logits(x).argmax(axis=1)
    np.savez(tmp_path / "labelled.npz", x0=x[0], x1=x[1], labels=labels)
    return [
        *("explore", str(tmp_path / "network.safetensors"), "-o", str(tmp_path / "found")),
        *("--calibration", str(tmp_path / "x.npz"), "--tries", "0", "--weight-bits", "8"),
        *("--engines", "svdn"),
    ]


def test_a_drop(given, tmp_path, capsys):
    more = ["--max-drop", "10", "--validation", str(tmp_path / "labelled.npz"), "--clock", "150"]
    more += ["--store", str(tmp_path / "kept.jsonl")]
    assert main([*given, *more, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told = json.loads(out)
    best = told["candidates"][told["best"]]
    assert best["drop"] <= 10 and told["float_value"] == 100
    design = Design.load(tmp_path / "found" / "design.json")
    assert design.clock_mhz == 150 and best["microseconds"] == best["cycles"] / 150
    assert pl.load(tmp_path / "found" / "model.safetensors", "reference").backend == "reference"
    assert not (tmp_path / "found" / "report.html").exists()
    assert main([*given, *more, "--html"]) == 0  # from the store
    page = (tmp_path / "found" / "report.html").read_text(encoding="utf-8")
    page = page.replace("http://www.w3.org/2000/svg", "")  # the name of SVG, no address
    assert design.name in page and "http://" not in page and "https://" not in page
    shown = capsys.readouterr().out
    assert "asked: a drop of at most 10 on zcu104 at 150 MHz" in shown
    assert f"wrote {tmp_path / 'found'}: explored_svd" in shown


def test_options_that_are_given_are_not_searched(given, tmp_path, capsys):
    """As `compress` has them; and without what the answer is compared with."""
    more = ["--max-mse", "0.2", "--form", "stacked", "--u-tile", "2", "3", "--v-tile", "2"]
    more += ["--zero-u-tiles", "1", "0", "--activation-bits", "16", "--no-baselines", "--json"]
    assert main([*given, *more]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["baselines"] == []
    fixed = {"form": "stacked", "u_tile": [2, 3], "v_tile": 2, "zero_u_tiles": [1, 0]}
    fixed |= {"activation_bits": 16, "weight_bits": 8}
    for one in told["candidates"]:
        assert fixed.items() <= one["options"].items()
    model = pl.load(tmp_path / "found" / "model.safetensors", "reference").model
    assert model.activation_bits == 16
    assert (model.input.u_tile, model.hidden.u_tile, model.input.v_tile) == (2, 3, 2)


def test_who_shares_is_an_option_as_well(given, capsys):
    """Here none does, which is the engine SVD1."""
    given = [*given[:-1], "svd1"]
    assert main([*given, "--max-mse", "0.2", "--share", "none", "--no-baselines", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["engine"] for one in told["candidates"]} == {"svd1"}


def test_baselines_are_there_unless_they_are_left_out(given, capsys):
    assert main([*given, "--max-mse", "0.2", "--refinements", "4", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"lstm_hw", "lstm_sw"} <= {one["engine"] for one in told["baselines"]}
    assert told["candidates"][told["best"]]["options"]["refinements"] == 4


def test_two_workers_find_what_one_finds(given, tmp_path, capsys):
    answers = []
    for workers in ("1", "2"):
        assert (
            main([*given, "--max-mse", "0.2", "--workers", workers, "--no-baselines", "--json"])
            == 0
        )
        out, err = capsys.readouterr()
        assert err == ""
        answers.append((json.loads(out), (tmp_path / "found" / "design.json").read_bytes()))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "more, text",
    [
        ([], "max_drop = None: nor max_mse is given; pass one of them"),
        (["--max-drop", "1"], "validation = None: a drop needs data to measure it"),
        (["--max-mse", "1", "--device", "zcu1"], "zcu1"),
        (["--max-mse", "1", "--workers", "0"], "workers = 0: less than one process"),
        (
            ["--max-mse", "1", "--block-rank", "4"],
            "none has the options ['block_rank', 'weight_bits']",
        ),
        (["--max-mse", "1", "--u-tile", "4", "--block-rank", "4"], "not an option of one method"),
        (["--max-mse", "0"], "max_mse = 0.0: no model keeps to it, the least is"),
    ],
)
def test_refused(given, capsys, more, text):
    assert main([*given, *more]) == 2
    assert text in capsys.readouterr().err
