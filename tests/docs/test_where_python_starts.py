"""A Python that is started where a page has led to imports what the page installed.

The commands of a page are typed in a shell whose programs are stand-ins: git makes a copy of the
sources without compiled kernels, as a clone is, and pip demands that what it is given is there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import PAGES, ROOT, blocks

import pynq_lstm as pl

STAND_INS = {
    "git": """for last in "$@"; do :; done; mkdir -p "$last" && cp -r "$SOURCES/." "$last" """,
    "pip": """for one in "$@"; do case $one in ./*|.|.\\[*)
        test -f "${one%%[*}/setup.cfg" || { echo "$one: not there" >&2; exit 1; } ;; esac; done""",
    "python3": """mkdir -p "$3/bin" && touch "$3/bin/activate" """,  # -m venv FOLDER
    "sudo": ":",
    "pynq-lstm": ":",
    "jupyter": """cd "$2" && pwd >"$JUPYTER" """,  # lab FOLDER: where its kernels start
}
RUN = """
import warnings
warnings.simplefilter("ignore")
import numpy as np
import pynq_lstm as pl
with pl.load({model!r}) as session:
    session.infer(np.zeros((1, 2, 6), np.float32))
    print(pl.__file__, session.last_run.backend)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    import numpy as np
    from example_matrices import random_network

    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    net = random_network(np.random.default_rng(0), [(6, 8)])
    pl.compress(net, input_range=(-1, 1), refinements=2).save(path)
    return str(path)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The Python sources of the repository, as a clone has them: nothing is compiled."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copy(ROOT / "setup.cfg", folder)
    shutil.copytree(
        ROOT / "pynq_lstm",
        folder / "pynq_lstm",
        ignore=shutil.ignore_patterns("*.so", "__pycache__", "overlays", "hls_src"),
    )
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


def led_to(page, sources, tmp_path):
    """The folder that the commands of a page end in, or that Jupyter shows, if it does."""
    programs, home = tmp_path / "programs", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    for name, text in STAND_INS.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    typed = "\n".join(
        block.text
        for block in blocks(page)
        if block.language == "sh" and ("git clone" in block.text or "pip install" in block.text)
    )
    if "git clone" not in typed:  # "beside a copy of this repository"
        typed = f"git clone URL pynq-lstm\n{typed}"
    jupyter = tmp_path / "jupyter"
    shell = subprocess.run(
        ["bash", "-eu", "-c", f"{typed}\npwd"],
        cwd=home,
        env={
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "SOURCES": str(sources),
            "JUPYTER": str(jupyter),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shell.returncode == 0, shell.stderr
    return (jupyter.read_text() if jupyter.exists() else shell.stdout).strip()


def ran(folder, model):
    """The package that a Python which is started in a folder imports, and the back end."""
    installed = str(Path(pl.__file__).parents[1])
    kept = {key: value for key, value in os.environ.items() if key != "PYNQ_LSTM_EMULATE"}
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(model=model)],
        cwd=folder,
        env={**kept, "PYTHONPATH": installed},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("page", ["getting_started.md", "notebooks.md"])
def test_it_runs_what_was_installed(page, sources, model, tmp_path):
    pytest.importorskip("pynq_lstm.runtime.cpu._kernel", reason="the C kernels are not built")
    package, backend = ran(led_to(page, sources, tmp_path), model)
    assert (package, backend) == (pl.__file__, "cpu")


def test_in_the_copy_it_would_not(sources, model):
    """Which is why the pages lead elsewhere; the warning says it, too."""
    assert ran(sources, model) == [str(sources / "pynq_lstm" / "__init__.py"), "reference"]
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(model=model).replace('"ignore"', '"always"')],
        cwd=sources,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert f"start Python outside of {sources}" in " ".join(done.stderr.split())


@pytest.mark.parametrize("page", PAGES)
def test_no_page_installs_from_within_the_copy(page):
    """A plain installation leaves the sources in the way of what is installed."""
    text = PAGES[page].read_text(encoding="utf-8")
    assert "pip install '.[" not in text and "pip install ." not in text.replace("install ./", "")
