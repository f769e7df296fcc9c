"""A wheel, installed into a folder: what `pynq` and `pynq-lstm` find in it.

Nothing is compiled for it: what is looked at are data and entry points.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "LICENSE", "README.md")
FOLDERS = ("pynq_lstm", "overlays", "hls_src", "notebooks")
NOT_THERE = shutil.ignore_patterns("__pycache__", "*.so", "build", ".ipynb_checkpoints")
PIP = ["-m", "pip", "--disable-pip-version-check", "--quiet"]


def run(*command, cwd, **environment):
    ran = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the package as a wheel brings it."""
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    source.mkdir()
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=NOT_THERE)
    for name in SOURCES:
        shutil.copy(ROOT / name, source)
    python = sys.executable
    made = ("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", work, source)
    run(python, *PIP, *made, cwd=work, PYNQ_LSTM_KEEP_BUILT="1")
    (wheel,) = work.glob("*.whl")
    given = ("install", "--no-compile", "--no-deps", "--no-index", "--target", work / "site", wheel)
    run(python, *PIP, *given, cwd=work)
    return work / "site"


def test_overlays_sources_and_notebooks_are_in_it(site):
    for name in FOLDERS[1:]:
        expected = {
            path.relative_to(ROOT)
            for path in (ROOT / name).rglob("*")
            if path.is_file()
            and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
            and not path.name.startswith(".")  # settings of tools
        }
        expected -= {path for path in expected if path.match("hls_src/tests/*.py")}
        package = site / "pynq_lstm"
        found = {
            path.relative_to(package)
            for path in (package / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert found == expected and len(found) > 3
        assert not (package / name).is_symlink()


def test_pynq_get_notebooks(site, tmp_path):
    programs = Path(sys.executable).parent
    found = {"PYTHONPATH": str(site), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    run(
        *(programs / "pynq", "get-notebooks", "pynq-lstm", "-o", "-p", "here"),
        cwd=tmp_path,
        **found,
    )
    delivered = {path.name: path.read_bytes() for path in (tmp_path / "here/pynq-lstm").iterdir()}
    ours = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert delivered == ours and len(ours) >= 5


def test_an_overlay_is_built_from_it(site, tmp_path):
    """The commands at least; they name the installed package and a copy of its sources."""
    command = [sys.executable, "-m", "pynq_lstm.cli.main", "build", "svd_lstm", "--dry-run"]
    said = run(*command, cwd=tmp_path, PYTHONPATH=str(site))
    assert f"PYTHONPATH={site}:{tmp_path}/pynq_lstm_build/overlays/common" in said
    assert f"--source {tmp_path}/pynq_lstm_build/hls_src/svd_lstm/svd_lstm.cpp" in said
    assert list(tmp_path.iterdir()) == []
