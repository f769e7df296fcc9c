"""compress, info and infer of a network whose models read one another."""

import json

import numpy as np
import pytest
from example_matrices import random_layer

import pynq_lstm as pl
from pynq_lstm.cli.main import main
from pynq_lstm.importers import state_dict


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, *size) for size in [(6, 4), (6, 4), (8, 4), (8, 4), (12, 5)]]
    head = pl.Head(rng.standard_normal((3, 5)).astype(np.float32), np.zeros(3, np.float32))
    net = pl.Network(layers, head, [pl.Stack(2, True), pl.Stack()], ["x0", "m0, x1"])
    state_dict.save(net, tmp_path / "network.safetensors")
    rng = np.random.default_rng(1)
    x = [rng.standard_normal((2, 5, size)).astype(np.float32) for size in (6, 4)]
    np.savez(tmp_path / "x.npz", x0=x[0], x1=x[1])
    return tmp_path


def run(capsys, *arguments):
    code = main([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return json.loads(out)


def test_compress_info_infer(folder, capsys):
    network, x, made = (folder / n for n in ("network.safetensors", "x.npz", "made"))
    told = run(capsys, "compress", network, "-o", made, "--calibration", x, "--refinements", 3)
    assert told["output"] == str(made) and told["max_refinements"] == 3
    facts = run(capsys, "info", made)
    assert facts["sha256"] == told["sha256"] == pl.CompressedNetwork.load(made).content_hash
    assert facts["wiring"] == {"m0": "x0", "m1": "m0, x1"} and facts["input_sizes"] == [6, 4]
    assert [one["lstms"] for one in facts["passes"]] == [
        ["m0 layer 0", "m0 layer 0, reverse"],
        ["m0 layer 1", "m0 layer 1, reverse"],
        ["m1 layer 0"],
    ]
    for name in ("stored_bytes", "parameters", "dense_parameters", "multiplications_per_step"):
        assert facts[name] == sum(one[name] for one in facts["passes"]) + (
            4 * (15 + 3) if name == "stored_bytes" else 0
        )
    told = run(capsys, "infer", made, x, "-o", folder / "y.npz", "--logits", "--backend", "cpu")
    with pl.load(made, "cpu") as session, np.load(x) as arrays, np.load(folder / "y.npz") as saved:
        given = [arrays["x0"], arrays["x1"]]
        out, (h, _) = session.infer(given)
        np.testing.assert_array_equal(saved["out1"], out[1])
        np.testing.assert_array_equal(saved["h0"], h[0])
        logits = session.infer_logits(given)
        np.testing.assert_array_equal(saved["logits"], logits)
    assert told["classes"] == logits.argmax(-1).tolist()
    assert told["shapes"]["out"] == [[2, 5, 8], [2, 5, 5]] and len(told["report"]["passes"]) == 3


def test_for_people(folder, capsys):
    network, x, made = (folder / n for n in ("network.safetensors", "x.npz", "made"))
    arguments = [network, "-o", made, "--calibration", x, "--method", "dense"]
    assert main(["compress", *map(str, arguments)]) == 0
    assert main(["info", str(made)]) == 0
    out = capsys.readouterr().out
    assert "wiring                    m0 x0, m1 m0, x1\n" in out
    assert "pass 1                    m0 layer 1; m0 layer 1, reverse" in out
    assert main(["infer", str(made), str(x), "--backend", "cpu"]) == 0
    out = capsys.readouterr().out
    assert "backend cpu" in out and "between" in out and "passes  3" in out


def test_errors_name_the_pass(folder, capsys):
    network, x, made = (folder / n for n in ("network.safetensors", "x.npz", "made"))
    arguments = ["compress", network, "-o", made, "--calibration", x, "--refinements", 6]
    assert main(list(map(str, arguments))) == 2
    assert "pass 2 (m1 layer 0): refinements = 6" in capsys.readouterr().err
    assert not made.exists()
    pl.compress(pl.Network.load(network), "dense", input_range=(-1, 1), progress=False).save(made)
    assert main(["estimate", str(made)]) == 2
    err = capsys.readouterr().err
    assert "pass 0 (m0 layer 0; m0 layer 0, reverse): model.method = 'dense'" in err


def test_what_passes_share_is_told_and_counted_once(folder, capsys):
    network, x, made = (folder / n for n in ("network.safetensors", "x.npz", "made"))
    arguments = ("--calibration", x, "--refinements", 3, "--share", "network")
    run(capsys, "compress", network, "-o", made, *arguments)
    facts = run(capsys, "info", made)
    (group,) = facts["groups"]
    assert group["lstms"] == [name for one in facts["passes"] for name in one["lstms"]]
    assert facts["parameters"] == group["parameters"]
    assert facts["stored_bytes"] == group["stored_bytes"] + 4 * (15 + 3)
    assert facts["parameters"] < sum(one["parameters"] for one in facts["passes"])
    for name in ("dense_parameters", "multiplications_per_step"):
        assert facts[name] == sum(one[name] for one in facts["passes"])
    assert main(["info", str(made)]) == 0
    assert "group 0                   m0 layer 0; m0 layer 0, reverse" in capsys.readouterr().out
