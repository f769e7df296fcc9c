"""tools/preflight.sh names whatever a machine lacks, with the command that installs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "preflight.sh"
FAKE = """#!/bin/sh
case "$2" in *version_info*) {version} ;; *venv*) exit {venv} ;; *Python.h*) exit {headers} ;; esac
"""


def preflight(folder, *, python=None, compiler=True, **lacking):
    """Run the script with nothing on PATH but what is asked for."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("sh", "ls"):
        os.symlink(shutil.which(name), tools / name)
    if compiler:
        os.symlink(shutil.which("true"), tools / "cc")
    if python:
        state = {
            "version": 'case "$2" in *print*) echo 3.11 ;; esac; exit 0',
            "venv": 0,
            "headers": 0,
            **lacking,
        }
        (tools / python).write_text(FAKE.format(**state))
        (tools / python).chmod(0o755)
    environment = {"PATH": str(tools), "HOME": str(folder)}
    return subprocess.run(
        [shutil.which("sh"), str(SCRIPT)],
        env=environment,
        text=True,
        capture_output=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    "machine, texts",
    [
        ({}, ["lacking: Python 3.10, 3.11 or 3.12. Install it with:  apt-get install python3"]),
        (
            {"compiler": False},
            ["Python 3.10", "a C compiler. Install it with:  apt-get install build-essential"],
        ),
        ({"python": "python3", "compiler": False}, ["a C compiler"]),
        ({"python": "python3", "venv": 1}, ["the venv module of Python 3.11", "python3.11-venv"]),
        ({"python": "python3", "headers": 1}, ["the headers of Python 3.11", "python3.11-dev"]),
        ({"python": "python3", "version": "exit 1"}, ["lacking: Python 3.10, 3.11 or 3.12"]),
    ],
)
def test_names_what_is_lacking(tmp_path, machine, texts):
    ran = preflight(tmp_path, **machine)
    assert ran.returncode == 1 and ran.stdout == ""
    assert len(ran.stderr.splitlines()) == len([t for t in texts if not t.startswith("python3.")])
    for text in texts:
        assert text in ran.stderr


def test_prints_the_python(tmp_path):
    ran = preflight(tmp_path, python="python3.12")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "python3.12\n", "")


def test_respects_the_choice():
    ran = subprocess.run(
        [str(SCRIPT)],
        env={**os.environ, "PYTHON": sys.executable},
        text=True,
        capture_output=True,
        timeout=30,
    )
    assert ran.stdout.strip() == sys.executable
