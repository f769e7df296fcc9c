"""The command line: answers, --json, errors on one line with exit code 2."""

import json

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.cli.main import main
from pynq_lstm.compression import joint
from pynq_lstm.importers import state_dict


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    network = random_network(rng, [(6, 8), (6, 8)], classes=3)
    state_dict.save(network, tmp_path / "network.safetensors")
    np.save(tmp_path / "x.npy", np.stack(random_inputs(rng, network)))
    return tmp_path


def compressed(folder, *more):
    path = folder / "model.safetensors"
    code = main(
        [
            "compress",
            str(folder / "network.safetensors"),
            "-o",
            str(path),
            "--calibration",
            str(folder / "x.npy"),
            "--refinements",
            "4",
            *more,
        ]
    )
    return path, code


def answer(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_compress_info_infer(folder, capsys):
    path, code = compressed(folder, "--json")
    made = answer(capsys)
    assert code == 0 and made["output"] == str(path) and made["max_refinements"] == 4
    assert main(["info", str(path), "--json"]) == 0
    told = answer(capsys)
    assert told["sha256"] == made["sha256"] and told["hidden_sizes"] == [8, 8]
    assert (
        main(
            [
                "infer",
                str(path),
                str(folder / "x.npy"),
                "--json",
                "--logits",
                "-o",
                str(folder / "y.npz"),
                "--refinements",
                "2",
                "--lengths",
                "5",
                "2",
                "1",
            ]
        )
        == 0
    )
    ran = answer(capsys)
    assert ran["shapes"]["out"] == [2, 3, 5, 8] and ran["report"]["refinements"] == 2
    x, lengths = np.load(folder / "x.npy"), np.array([5, 2, 1])
    out, (h, c) = pl.load(path, "reference").infer(x, lengths=lengths, refinements=2)
    with np.load(folder / "y.npz") as saved:
        for name, array in (("out", out), ("h", h), ("c", c)):
            np.testing.assert_array_equal(saved[name], array)
        assert saved["logits"].argmax(1).tolist() == ran["classes"]


def test_the_solver_and_its_limits(folder, capsys, monkeypatch):
    arguments = [str(folder / "network.safetensors"), "-o", str(folder / "joint.safetensors")]
    given = ["--calibration", str(folder / "x.npy"), "--refinements", "4", "--json"]
    given += ["--solver", "bcd"]
    errors = {}
    for limits in (["--sweeps", "1"], ["--sweeps", "50", "--tolerance", "0"], []):
        assert main(["compress", *arguments, *given, *limits]) == 0
        made = answer(capsys)
        assert made["provenance"]["solver"] == "bcd" and made["prefixes"] == [4]
        assert "separate components" in made["provenance"]["sharing"]
        errors[len(limits)] = made["provenance"]["relative weight error"]
    assert errors[4] < errors[2] and errors[0] < errors[2]
    monkeypatch.setattr(joint, "CAREFUL", 0)  # all matrices are large
    starts = []
    for careful in ([], ["--careful"]):
        assert main(["compress", *arguments, *given, *careful]) == 0
        starts.append(answer(capsys)["provenance"]["relative error of greedy components"])
    assert starts[0] != starts[1]
    assert main(["compress", *arguments, *given, "--sweeps", "0"]) == 2
    assert "sweeps = 0: not a number of sweeps; pass 1 to" in capsys.readouterr().err


def test_forms_and_words(folder, capsys):
    network, output = str(folder / "network.safetensors"), str(folder / "forms.safetensors")
    given = ["compress", network, "-o", output, "--calibration", str(folder / "x.npy"), "--json"]

    def lists(*more):
        assert main([*given, *more]) == 0
        made = answer(capsys)
        assert main(["info", output, "--json"]) == 0
        read = answer(capsys)
        assert [read[side] for side in ("input", "hidden")] == [made["input"], made["hidden"]]
        forms = [read[side]["form"] for side in ("input", "hidden")]
        return forms, read["input"]["lists"], read["hidden"]["lists"], read

    apart, together = "per gate", "gate-stacked"
    found = lists("--form", "stacked", "--refinements", "3", "4")
    assert found[:3] == ([together] * 2, [3], [4])
    found = lists("--form", "per_gate", "stacked", "--refinements", "3")
    assert found[:3] == ([apart, together], [3] * 4, [3])
    found = lists("--refinements", *"12343211")
    assert found[:3] == ([apart] * 2, [1, 2, 3, 4], [3, 2, 1, 1])
    *_, one = lists("--form", "auto", "--words", "600")
    assert one["parameters"] <= 600 == one["provenance"]["words"]
    assert main([*given, "--words", "600", "--refinements", "3"]) == 2
    assert "words = 600: beside refinements = 3" in capsys.readouterr().err
    assert main(["info", output]) == 0
    assert "form " in capsys.readouterr().out


def test_a_dense_model(folder, capsys):
    arguments = [str(folder / "network.safetensors"), "-o", str(folder / "dense.safetensors")]
    given = ["--method", "dense", "--calibration", str(folder / "x.npy"), "--weight-bits", "4"]
    assert main(["compress", *arguments, *given, "--json"]) == 0
    made = answer(capsys)
    assert (made["method"], made["max_refinements"], made["weight_bits"]) == ("dense", 1, 4)
    assert made["input"] == {"rows": 64, "weights": 384}
    assert made["hidden"] == {"rows": 64, "weights": 512}
    assert made["parameters"] == 2 * 64 + made["dense_parameters"] == 2 * 64 + 384 + 512
    assert main(["info", arguments[2]]) == 0
    assert "hidden                    rows 64, weights 512\n" in capsys.readouterr().out
    assert main(["compress", *arguments, *given, "--refinements", "4"]) == 2
    assert "refinements = 4: no option of method 'dense'; choose" in capsys.readouterr().err


def test_a_block_diagonal_model(folder, capsys):
    arguments = [str(folder / "network.safetensors"), "-o", str(folder / "blocks.safetensors")]
    given = ["--method", "block_diagonal", "--calibration", str(folder / "x.npy")]
    chosen = {
        "block-rank": "2 4",
        "weight-bits": "2",
        "operand-bits": "6",
        "quantization": "tlq",
        "gate-bits": "9",
        "cell-bits": "10",
        "activation-bits": "8",
    }
    options = [word for name, value in chosen.items() for word in [f"--{name}", *value.split()]]
    assert main(["compress", *arguments, *given, *options, "--json"]) == 0
    made = answer(capsys)
    assert (made["method"], made["max_refinements"], made["weight_bits"]) == (
        "block_diagonal",
        1,
        2,
    )
    assert (made["p_bits"], made["gate_bits"], made["cell_bits"]) == (6, 9, 10)
    assert made["provenance"]["quantization"] == "tlq"
    assert made["input"] == {"rank": 2, "rows": 64, "weights": 384 // 2, "multipliers": 12}
    assert made["hidden"] == {"rank": 4, "rows": 64, "weights": 512 // 4, "multipliers": 16}
    assert made["parameters"] == 384 // 2 + 512 // 4 + 28
    assert main(["info", arguments[2]]) == 0
    shown = capsys.readouterr().out
    assert "hidden                    rank 4, rows 64, weights 128, multipliers 16\n" in shown
    assert "cell bits                 10\n" in shown
    answers = []
    for backend in ("reference", "cpu"):
        told = ["infer", arguments[2], str(folder / "x.npy"), "--backend", backend]
        assert main([*told, "-o", str(folder / f"{backend}.npz")]) == 0
        with np.load(folder / f"{backend}.npz") as arrays:
            answers.append({name: arrays[name] for name in arrays.files})
    assert answers[0]
    for name, values in answers[0].items():
        np.testing.assert_array_equal(answers[1][name], values, err_msg=name)
    assert main(["compress", *arguments, *given, "--block-rank", "3"]) == 2
    assert "block_rank = 3: not supported; choose from [2, 4, 8, 16]" in capsys.readouterr().err
    assert main(["compress", *arguments, "--block-rank", "4", "--input-range", "-1", "1"]) == 2
    assert "block_rank = 4: no option of method 'svd'; choose" in capsys.readouterr().err


def test_answers_for_people(folder, capsys):
    path, _ = compressed(folder)
    assert "relative weight error" in capsys.readouterr().out
    main(["infer", str(path), str(folder / "x.npy")])
    shown = capsys.readouterr().out
    first = "run" if "backend cpu" in shown else "quantise"  # the kernels take floats
    assert "nothing written" in shown and f"ms, measured here\nstages  {first} 0." in shown
    assert "kernel" not in shown and "access" not in shown


@pytest.mark.parametrize("cycles, text", [(None, "2.500 ms, modelled"), (1250, "1,250 cycles, mo")])
def test_what_a_device_adds(monkeypatch, folder, capsys, cycles, text):
    from pynq_lstm.runtime import sessions
    from pynq_lstm.runtime.reference_backend import ReferenceBackend
    from pynq_lstm.runtime.report import Timing

    class Device(ReferenceBackend):
        name = "emulator"
        timing = Timing({"copy": 1e-3, "run": 2e-3}, True, 2.5e-3, cycles, "memoryview")

    path, _ = compressed(folder)
    monkeypatch.setattr(sessions, "open_backend", lambda name, model: Device(model))
    assert main(["infer", str(path), str(folder / "x.npy")]) == 0
    shown = capsys.readouterr().out
    assert "backend emulator, " in shown and ", copy 1.000, run 2.000, dequantise 0." in shown
    assert "kernel  2.500 ms" in shown and text in shown and "access  memoryview\n" in shown
    assert main(["infer", str(path), str(folder / "x.npy"), "--json"]) == 0
    report = answer(capsys)["report"]
    assert (report["modelled"], report["kernel_seconds"], report["cycles"]) == (
        True,
        2.5e-3,
        cycles,
    )
    assert report["access"] == "memoryview" and report["seconds"]["copy"] == 1e-3


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["info", "missing"], r"path = 'missing'.*can be read"),
        (["infer", "{model}", "{folder}/none.npy"], "path = .*none.npy.*numpy.save"),
        (["infer", "{model}", "{folder}/network.safetensors"], "cannot be read as .npy or .npz"),
        (["infer", "{model}", "{x}", "--refinements", "0"], "refinements = 0.*choose 1 or more"),
        (
            ["infer", "{model}", "{x}", "--backend", "gpu"],
            "backend = 'gpu': unknown; choose from .*'emulator', 'fpga'",
        ),
        (
            ["infer", "none", "none", "-o", "{folder}/none/y.npz"],
            "output = .*its folder is not there",
        ),
        (["compress", "{x}", "-o", "m", "--input-range", "0", "1"], "path = .*safetensors"),
        (["compress", "{network}", "-o", "m"], "calibration = None.*input_range"),
        (
            ["compress", "{network}", "-o", "m", "--input-range", "1", "1"],
            "input_range = .*finite range",
        ),
        (
            ["compress", "{network}", "-o", "m", "--input-range", "0", "1", "--refinements", "0"],
            "refinements = 0.*1 to 12",
        ),
        (
            [
                "compress",
                "{network}",
                "-o",
                "m",
                "--input-range",
                "0",
                "1",
                "--u-tile",
                "1",
                "2",
                "3",
            ],
            "neither a number nor a pair",
        ),
        (["demo", "--images", "0"], "images = 0.*1 to 2000"),
    ],
)
def test_errors_are_one_line(folder, capsys, arguments, text):
    import re

    path, _ = compressed(folder)
    capsys.readouterr()
    names = {
        "folder": folder,
        "model": path,
        "x": folder / "x.npy",
        "network": folder / "network.safetensors",
    }
    assert main([a.format(**names) for a in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("pynq-lstm: error: ")
    assert re.search(text, err), err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["info"], ["infer", "m", "x", "--logits=3"]])
def test_usage_errors_are_one_line(capsys, arguments):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_demo(tmp_path, capsys):
    assert (
        main(
            [
                "demo",
                "--images",
                "60",
                "--ranks",
                "2",
                "4",
                "--json",
                "--output",
                str(tmp_path / "demo"),
            ]
        )
        == 0
    )
    answer_ = answer(capsys)
    assert [row["refinements"] for row in answer_["rows"]] == [None] + 4 * [2, 4]
    assert all(row["backend"] in ("NumPy", "cpu", "reference") for row in answer_["rows"])
    assert set(answer_["one_file_prefixes"]) == {"2", "4"}
    pytest.importorskip("matplotlib")
    for path in answer_["pictures"]:
        with open(path, "rb") as stream:
            assert stream.read(8) == b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def unmeasured(monkeypatch):
    """The demonstration measures nothing; that it is asked to is an error."""
    from pynq_lstm.examples import pareto

    def measure(*_):
        raise AssertionError("measured before the folder was looked at")

    monkeypatch.setattr(pareto.Task, "measure", measure)


@pytest.mark.parametrize(
    "output, text", [("file", "its folder is not there"), ("file/demo", "its folder is not there")]
)
def test_demo_looks_at_its_folder_first(unmeasured, tmp_path, monkeypatch, capsys, output, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["demo", "--images", "60", "--output", output]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("pynq-lstm: error: output = 'file/") and text in err


@pytest.mark.parametrize("failing", ["save", "replace"])
def test_demo_leaves_no_half_written_picture(tmp_path, monkeypatch, failing):
    from pynq_lstm.cli import demo

    def save(ax, path):
        with open(path, "wb") as stream:
            stream.write(b"half")
        if failing == "save":
            full()

    def full(*_):
        raise OSError(28, "No space left on device", "a temporary name")

    monkeypatch.setattr(demo.plots, "save", save)
    if failing == "replace":
        monkeypatch.setattr(demo.os, "replace", full)
    monkeypatch.setattr(demo, "PICTURES", (("one.png", lambda rows: None),))
    with pytest.raises(pl.InputError) as refused:
        demo._draw([], str(tmp_path / "demo"))
    assert "cannot be written (No space left on device); give" in str(refused.value)
    assert list((tmp_path / "demo").iterdir()) == []


def test_progress_only_on_terminals(folder, capsys):
    """capsys is no terminal: nothing on stderr."""
    compressed(folder)
    assert capsys.readouterr().err == ""
