"""``pynq-lstm build`` without the tools, or with stand-ins; a whole build: tests/hls."""

import json
import os
import shutil
import time

import pytest

from pynq_lstm.building import build
from pynq_lstm.building.build import pack
from pynq_lstm.cli.main import main
from pynq_lstm.errors import BuildError
from pynq_lstm.runtime.fpga import files

COMMANDS = [
    "sh",
    "make",
    "cmp",
    "mv",
    "rm",
    "mkdir",
    "basename",
    "dirname",
    "cat",
    "touch",
    "sleep",
]


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A folder that is all of PATH: what make needs, and no tool of the vendor's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in COMMANDS:
        (folder / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def tool(path, name, *lines):
    (path / name).write_text("\n".join(["#!/bin/sh", *lines, ""]))
    (path / name).chmod(0o755)


@pytest.mark.parametrize(
    "there, step, missing",
    [
        ([], "csynth", "'Vitis HLS (vitis_hls or vitis-run)': not there"),
        ([], "package", "'Vitis HLS (vitis_hls or vitis-run), Vivado (vivado)': not there"),
        (["vitis-run"], "bit", "'Vivado (vivado)': not there"),
        (["vivado"], "package", "'Vitis HLS (vitis_hls or vitis-run)': not there"),
    ],
)
def test_a_tool_that_is_missing_is_named(path, tmp_path, capsys, there, step, missing):
    for name in there:
        tool(path, name)
    work = tmp_path / "work"
    assert main(["build", "svd_lstm", "--step", step, "--work", str(work)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and f"PATH = {missing}" in err
    assert "settings64.sh" in err and "--dry-run shows the commands" in err
    assert not work.exists()


def test_without_make(path, tmp_path, capsys):
    (path / "make").unlink()
    assert main(["build", "svd_lstm", "--dry-run"]) == 2
    assert "PATH = 'make': not there" in capsys.readouterr().err


def test_a_dry_run_prints_the_commands_and_writes_nothing(path, tmp_path, capsys):
    work = tmp_path / "work"
    given = ["build", "block_diagonal_lstm_w8", "--dry-run", "--work", str(work)]
    assert main([*given, "--set", "JOBS=7", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == ["Vitis HLS (vitis_hls or vitis-run)", "Vivado (vivado)"]
    text = "\n".join(told["commands"])
    assert f"make --no-print-directory -C {work}/overlays/block_diagonal_lstm_w8 package" in text
    for script in ("hls.tcl", "block_design.tcl", "implement.tcl", "package.py"):
        assert f"{work}/overlays/common/{script}" in text
    assert "OVERLAY_JOBS=7" in text and "block_diagonal_lstm/block_diagonal_lstm.cpp" in text
    assert not work.exists()
    assert main(given) == 0
    assert capsys.readouterr().out.startswith("# missing here: Vitis HLS")


def test_a_design_of_ones_own(path, tmp_path, capsys):
    design = json.loads(files.designs()["svd_lstm"].to_json())
    (tmp_path / "design.json").write_text(json.dumps({**design, "name": "mine"}))
    for given in (tmp_path, tmp_path / "design.json"):
        arguments = ["build", "--design", str(given), "--step", "ip", "--dry-run"]
        assert main(arguments) == 0
        assert "overlays/mine ip " in capsys.readouterr().out


def test_a_step_that_fails_says_its_last_words(path, tmp_path, capsys):
    tool(path, "vitis_hls", "echo 'ERROR: [HLS 1] no licence'", "exit 1")
    work = tmp_path / "work"
    assert main(["build", "svd_lstm_tiny", "--step", "csynth", "--work", str(work)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "make = 2: failed: " in err
    assert "no licence" in err and f"read {work / 'svd_lstm_tiny.log'}, then build again" in err
    assert "no licence" in (work / "svd_lstm_tiny.log").read_text()


def test_a_second_build_goes_on_where_the_first_ended(path, tmp_path):
    runs = tmp_path / "runs"
    tool(path, "vitis_hls", f"echo run >> {runs}", 'touch "$OVERLAY_BUILD/$OVERLAY_STEP.done"')
    design, work = files.designs()["svd_lstm_tiny"], tmp_path / "work"
    for _ in range(2):
        built = build(design, "ip", work)
        assert built.package is None and runs.read_text() == "run\nrun\n"  # csynth, ip
    time.sleep(0.02)
    os.utime(work / "hls_src" / "common" / "sigma.h")  # touched, and so made again
    build(design, "ip", work)
    assert runs.read_text() == 4 * "run\n"


def test_a_build_that_hangs_is_given_up_with_its_tools(path, tmp_path):
    process = tmp_path / "process"
    tool(path, "vitis_hls")
    (path / "make").unlink()
    tool(path, "make", "sleep 60 &", f"echo $! > {process}", "wait")
    design = files.designs()["svd_lstm_tiny"]
    with pytest.raises(BuildError, match=r"hours = .*: the time is up; see .*\.log; raise it"):
        build(design, "csynth", tmp_path / "work", hours=3 / 3600)
    number = int(process.read_text())
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("the tool goes on")


@pytest.mark.parametrize(
    "arguments, text",
    [
        ([], "overlay = None: not exactly one design; name one of ['block_diagonal_lstm', "),
        (["svd_lstm", "--design", "x"], "overlay = 'svd_lstm': not exactly one design"),
        (["svd_gru"], "overlay = 'svd_gru': no design of this name ships"),
        (["svd_lstm", "--set", "SHELL=sh"], "set = 'SHELL=sh': no variable of the build"),
        (["svd_lstm", "--set", "JOBS=$(rm)"], "set = 'JOBS=$(rm)': no variable of the build"),
    ],
)
def test_refused(capsys, arguments, text):
    assert main(["build", *arguments, "--dry-run"]) == 2
    assert text in capsys.readouterr().err


def test_folders_that_cannot_be(path, tmp_path):
    for name in ("vitis_hls", "vivado"):
        tool(path, name)
    (tmp_path / "file").write_text("")
    design = files.designs()["svd_lstm_tiny"]
    for work, text in ((tmp_path / "a b", "take no spaces"), (tmp_path / "file", "cannot be writ")):
        with pytest.raises(BuildError, match=text):
            build(design, "csynth", work)


def test_the_same_files_are_packed_to_the_same_bytes(tmp_path):
    digests = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("b", "a"):
            (tmp_path / folder / name).write_text(name)
        digests.append(pack(tmp_path / folder, tmp_path / folder / "x.zip"))
        (tmp_path / folder / "x.zip").unlink()
    assert digests[0] == digests[1]
