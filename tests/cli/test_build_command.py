"""``pynq-lstm build`` without the tools, or with stand-ins; a whole build: tests/hls."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pynq_lstm.accelerator.design import Design
from pynq_lstm.building import build, processes, work_folder
from pynq_lstm.building.build import _run, dry_run, pack
from pynq_lstm.building.work_folder import MARKER, prepare
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
        (["--design", "none"], "design = 'none': cannot be read (No such file or directory); name"),
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
    for work, text in ((tmp_path / "a b", "no spaces"), (tmp_path / "file", "cannot be writ")):
        with pytest.raises(BuildError, match=text):
            build(design, "csynth", work)


def test_a_folder_with_other_things_in_it_is_left_alone(path, tmp_path, capsys, monkeypatch):
    tool(path, "vitis_hls")
    (tmp_path / "checkout" / "hls_src").mkdir(parents=True)
    (tmp_path / "checkout" / "hls_src" / "mine.cpp").write_text("mine")
    monkeypatch.chdir(tmp_path / "checkout")
    for more in ([], ["--dry-run"]):
        given = ["build", "svd_lstm_tiny", "--step", "csynth", "--work", ".", *more]
        assert main(given) == 2
        assert "has files in it that are not of a build; name an empty" in capsys.readouterr().err
    found = [path for path in (tmp_path / "checkout").rglob("*") if path.is_file()]
    assert found == [tmp_path / "checkout" / "hls_src" / "mine.cpp"]


def test_a_source_that_was_edited_is_not_overwritten(tmp_path, monkeypatch):
    design, work = files.designs()["svd_lstm_tiny"], tmp_path / "work"
    prepare(design, work)
    source = work / "hls_src" / "common" / "sigma.h"
    copied = source.read_text()
    source.write_text("// mine\n" + copied)
    with pytest.raises(BuildError, match="work = .*: was edited since it was copied; move it"):
        prepare(design, work)
    assert source.read_text() == "// mine\n" + copied
    source.write_text(copied)
    prepare(replace(design, clock_mhz=design.clock_mhz - 1), work)  # a design is replaced by one
    overlay = prepare(design, work)
    assert Design.load(overlay / "design.json") == design
    (work / MARKER).write_text("{}")
    with pytest.raises(BuildError, match="work = .*: damaged"):
        prepare(design, work)


def test_a_copy_that_was_interrupted_goes_on(tmp_path, monkeypatch):
    design, work = files.designs()["svd_lstm_tiny"], tmp_path / "work"
    old = replace(design, clock_mhz=design.clock_mhz - 1)
    prepare(old, work)
    write = work_folder._write

    def stops(path, content):
        if path.name == "design.json":
            raise KeyboardInterrupt
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(work_folder, "_write", stops)
        with pytest.raises(KeyboardInterrupt):
            prepare(design, work)
    overlay = work / "overlays" / "svd_lstm_tiny"
    assert Design.load(overlay / "design.json") == old
    assert Design.load(prepare(design, work) / "design.json") == design


def test_variables_of_the_shell_do_not_direct_a_build(path, tmp_path, monkeypatch):
    """Every variable that the rules take from it, and those of make itself."""
    design = files.designs()["svd_lstm_tiny"]
    usual = dry_run(design, "package", tmp_path / "work")
    rules = (files.SHIPPED / "common" / "overlay.mk").read_text()
    names = re.findall(r"^(\w+) *\?=", rules, re.M)
    assert {"DESIGN", "OUTPUT", "SOURCE", "TESTBENCH", "CONFIG_COMMAND", "JOBS"} <= set(names)
    for name in names:
        monkeypatch.setenv(name, f"/elsewhere/{name}")
    monkeypatch.setenv("MAKEFLAGS", "-e -- ALLOW_TIMING=1")
    assert dry_run(design, "package", tmp_path / "work") == usual
    assert "elsewhere" not in "\n".join(usual)


@pytest.mark.parametrize("name", ["a b", "a#b", "a$b", "a:b", "a;b", "a'b", "a%b", "a(b"])
def test_paths_that_make_would_not_take_as_they_are(path, tmp_path, name):
    design = files.designs()["svd_lstm_tiny"]
    for run in (build, dry_run):
        tool(path, "vitis_hls")
        with pytest.raises(BuildError, match="work = .*: the tools take letters, digits and"):
            run(design, "csynth", tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_python_at_such_a_path(path, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.executable", "/home/a b/python")
    with pytest.raises(BuildError, match="PYTHON = '/home/a b/python': the tools take letters"):
        dry_run(files.designs()["svd_lstm_tiny"], "csynth", tmp_path / "work")


@pytest.mark.parametrize("hours", [0, -1, float("inf"), float("nan")])
def test_hours_that_are_none(path, tmp_path, hours):
    tool(path, "vitis_hls")
    with pytest.raises(BuildError, match="hours = .*: not a positive number"):
        build(files.designs()["svd_lstm_tiny"], "csynth", tmp_path / "work", hours=hours)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("run", [build, dry_run])
def test_an_unknown_step(path, tmp_path, run):
    for step in ("csim", "", None, []):
        with pytest.raises(BuildError, match="step = .*: unknown; choose from .'csynth'"):
            run(files.designs()["svd_lstm_tiny"], step, tmp_path / "work")


def test_tools_that_do_not_end_are_killed(path, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.2)
    (path / "make").unlink()
    tool(path, "make", "trap '' TERM", "while :; do sleep 1; done")
    with pytest.raises(BuildError, match="the time is up"):
        _run([path / "make"], tmp_path / "log", 0.5 / 3600)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_make_as_ctrl_c_does(path, tmp_path, number):
    """In a process of its own: what it began is gone when it is."""
    (path / "make").unlink()
    tool(path, "make", "sleep 60 & echo $! > process.part; mv process.part process; wait")
    called = [sys.executable, "-c", SIGNALLED, path / "make", tmp_path / "log"]
    with subprocess.Popen(called, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        while not (tmp_path / "process").exists():
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(number)
        assert running.communicate(timeout=60)[0] == "interrupted\n"
    child = int((tmp_path / "process").read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("the tool goes on")


# whoever runs the tests may ignore some of them, as nohup and a shell's background do
SIGNALLED = """
import signal, sys
from pynq_lstm.building import processes
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    processes.run(sys.argv[1:2], sys.argv[2], 60)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_log_that_is_a_folder(path, tmp_path):
    tool(path, "vitis_hls")
    design, work = files.designs()["svd_lstm_tiny"], tmp_path / "work"
    (prepare(design, work).parents[1] / "svd_lstm_tiny.log").mkdir()
    with pytest.raises(BuildError, match="log = .*: cannot be written.*Is a directory"):
        build(design, "csynth", work)


def test_an_archive_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a").write_text("a")
    pack(tmp_path / "p", tmp_path / "x.zip")
    before = (tmp_path / "x.zip").read_bytes()
    with pytest.raises(BuildError, match="archive = .*: cannot be written .No such file"):
        pack(tmp_path / "none", tmp_path / "x.zip")
    (tmp_path / "p" / "a").write_text("b")
    (tmp_path / "x.zip.sha256.part").mkdir()
    with pytest.raises(BuildError, match="archive = .*: cannot be written .Is a directory"):
        pack(tmp_path / "p", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == before


def test_the_same_files_are_packed_to_the_same_bytes(tmp_path):
    digests = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("b", "a"):
            (tmp_path / folder / name).write_text(name)
        digests.append(pack(tmp_path / folder, tmp_path / folder / "x.zip"))
        (tmp_path / folder / "x.zip").unlink()
    assert digests[0] == digests[1]
