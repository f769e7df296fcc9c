"""The folder of an exploration: model and design fit each other, and run at once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from kernel_runs import assert_equal, load, run
from random_models import random_input

import pynq_lstm
from pynq_lstm import any_file, reference
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import InputError, OverlayError
from pynq_lstm.exploration import saving
from pynq_lstm.runtime.fpga import files


@pytest.fixture(scope="module")
def folder(found, tmp_path_factory):
    return found.save(tmp_path_factory.mktemp("saved") / "answer")


def test_files(found, folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"design.json", "model.safetensors", "report.json", "report.txt", "Makefile"}
    assert Design.load(folder / "design.json") == found.design
    assert any_file.load(folder / "model.safetensors").content_hash == found.model.content_hash
    assert json.loads((folder / "report.json").read_text()) == json.loads(
        json.dumps(found.as_dict())
    )
    assert (folder / "report.txt").read_text() == found.table() + "\n"
    (folder / "report.html").write_text("of another answer")
    assert found.save(folder) == folder  # again
    assert {path.name for path in folder.iterdir()} == names


def test_make(folder):
    """The rules of overlays/ are found, whatever folder they are used from."""
    make = shutil.which("make")
    done = subprocess.run(
        [make, "-C", str(folder), "help"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "make csim" in done.stdout
    done = subprocess.run(
        [make, "-C", str(folder), "csynth", "--dry-run"], capture_output=True, text=True, timeout=60
    )
    assert str(folder / "design.json") in done.stdout
    assert str(folder / "build") in done.stdout
    assert "pynq-lstm build" in (folder / "Makefile").read_text()
    lost = [make, "-C", str(folder), "OVERLAYS=/nowhere", "help"]
    done = subprocess.run(lost, capture_output=True, text=True, timeout=60)
    assert done.returncode and "no folder overlays/ of pynq_lstm" in done.stderr


@pytest.fixture
def installed(tmp_path):
    """The folder of a package as a wheel brings it, with overlays and HLS sources in it."""
    site = tmp_path / "site"
    source = Path(pynq_lstm.__file__).parent
    unneeded = shutil.ignore_patterns(
        "__pycache__", "notebooks", "fashion_mnist", "make_vectors.py"
    )
    shutil.copytree(source, site / "pynq_lstm", ignore=unneeded)
    return site


def test_make_beside_an_installed_package(found, folder, installed):
    """Config, settings and model of resources are made by it, and nothing is built within it."""
    written = "import sys; from pynq_lstm.exploration import saving; "
    written += "print(saving.makefile(sys.argv[1]), end='')"
    made = subprocess.run(
        [sys.executable, "-B", "-c", written, found.design.kernel],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert f"OVERLAYS ?= {installed}/pynq_lstm/overlays\n" in made.stdout, made.stderr
    (folder / "Makefile").write_text(made.stdout)
    before = sorted(installed.rglob("*"))

    def make(*arguments):
        return subprocess.run(
            ["make", "-C", str(folder), *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )

    built = folder / "build" / folder.name
    done = make(*(str(built / name) for name in ("config.h", "settings.tcl", "model.json")))
    assert done.returncode == 0, done.stderr
    assert "constexpr" in (built / "config.h").read_text()
    assert f"{installed}/pynq_lstm/hls_src" in (built / "settings.tcl").read_text()
    assert f"PYTHONPATH={installed}:" in make("package", "--dry-run").stdout
    assert sorted(installed.rglob("*")) == before

    for step in ("csim", "cosim"):
        refused = make(step)
        assert refused.returncode and "need the repository of pynq_lstm" in refused.stderr
    own_vectors = make("csim", "--dry-run", f"VECTORS={folder / 'design.json'}")
    assert own_vectors.returncode == 0, own_vectors.stderr
    found.save(folder)


def test_the_design_is_found(found, folder, tmp_path):
    for named in (folder, str(folder), folder / "design.json"):
        assert files.design_for(found.model, named) == found.design
    with pytest.raises(OverlayError, match="no bitstream in .*answer"):
        files.find(folder, found.model)
    with pytest.raises(OverlayError, match="no design of this name ships"):
        files.design_for(found.model, str(tmp_path))
    (tmp_path / "design.json").write_text("{}")
    with pytest.raises(OverlayError, match="no valid design"):
        files.design_for(found.model, tmp_path)


def test_names_that_ship_come_first(found, tmp_path, monkeypatch):
    (tmp_path / "svd_lstm").mkdir()
    (tmp_path / "svd_lstm" / "design.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert files.design_for(found.model, "svd_lstm").name == "svd_lstm"


def test_the_kernel_of_the_design(found, folder, kernels):
    """Compiled from the saved design, it gives what the reference gives for the saved model."""
    model = any_file.load(folder / "model.safetensors")
    design = Design.load(folder / "design.json")
    kernel, image = kernels(design), pack(Plan.of_model(model), design)
    load(kernel, image)
    rng = np.random.default_rng(0)
    for _ in range(3):
        given = random_input(rng, model)
        result, _ = run(kernel, image, *given)
        assert_equal(result, reference.run(model, *given))


def test_cannot_be_written(found, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        found.save(tmp_path / "file")


def test_a_folder_is_refused_before_and_an_old_design_does_not_stay(found, tmp_path):
    for wrong in (5, "a\0b"):
        with pytest.raises(InputError, match="folder = .*cannot be written"):
            saving.checked(wrong)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a file is in its place"):
        saving.checked(tmp_path / "file" / "found")
    saving.checked(tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()
    (tmp_path / "model.safetensors").mkdir()
    (tmp_path / "design.json").write_text("of another model")
    with pytest.raises(InputError, match="cannot be written"):
        found.save(tmp_path)
    assert not (tmp_path / "design.json").exists()
