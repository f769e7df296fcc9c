"""CONTRIBUTING.md names what exists; what travels alone says its licence; files are in order."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPDX = "SPDX-License-Identifier: Apache-2.0"
ALONE = {  # folders, and the names in them that carry the line
    "hls_src": ("*.h", "*.cpp"),
    "overlays": ("*.tcl", "*.v", "*.sh", "*.mk", "Makefile"),
    "overlays/common": ("*.py",),
    "pynq_lstm/runtime": ("*.c", "*.h"),
}
sys.path.append(str(ROOT / "tools"))

import file_checks  # noqa: E402


def licensed(folder, names):
    """Files that should say their licence and those of them that do not."""
    found = sorted({path for name in names for path in (ROOT / folder).rglob(name)})
    made = [path for path in found if "build" not in path.relative_to(ROOT).parts[1:-1]]
    heads = {path: path.read_text(encoding="utf-8").splitlines()[:2] for path in made}
    return made, [path for path, head in heads.items() if not any(SPDX in line for line in head)]


def test_the_paths_that_it_names_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.]+/)+[\w.]*)`", text))
    roots = (ROOT, ROOT / "pynq_lstm", ROOT / "pynq_lstm" / "compression")
    assert len(named) > 25
    ours = {name for name in named if not name.startswith((".venv/", "compression/METHOD"))}
    assert not {name for name in ours if not any((root / name).exists() for root in roots)}


def test_every_folder_of_the_package_is_on_the_map():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    linked = {"hls_src", "overlays", "notebooks"}
    for folder in (ROOT / "pynq_lstm").iterdir():
        if (folder / "__init__.py").exists() and folder.name not in linked:
            assert f"`pynq_lstm/{folder.name}/`" in text, folder.name


def test_the_targets_that_it_names_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([\w-]+)", text):
        assert re.search(rf"^[\w -]*\b{target}\b[\w -]*:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("folder", ALONE)
def test_what_travels_alone_says_its_licence(folder):
    files, without = licensed(folder, ALONE[folder])
    assert files and not without


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.py", b"x = 1\n", []),
        ("a.py", b"x = 1", ["does not end in one newline"]),
        ("a.c", b"int a; \n", ["line 1 ends in blanks"]),
        ("a.md", b"a\r\n", ["carriage returns"]),
        ("a.ipynb", b"{}", ["no notebook"]),
        (
            "a.ipynb",
            b'{"cells": [{"outputs": [{"output_type": "error"}]}]}',
            ["a cell ended in an error"],
        ),
        ("a.bin", bytes(4 << 20), ["4194304 bytes, more than 3145728"]),
    ],
)
def test_checks_of_files(tmp_path, name, content, found):
    path = tmp_path / name
    path.write_bytes(content)
    assert file_checks.findings(path) == found
