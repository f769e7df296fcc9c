"""The doctor's checks of what is installed, on made-up machines."""

import configparser
import re
from pathlib import Path

import pytest

from pynq_lstm.runtime.doctor import Place, software

ROOT = Path(__file__).resolve().parents[2]
BOARD, PC, EMULATOR = Place("ZCU104", False), Place(None, False), Place(None, True)


@pytest.mark.parametrize(
    "place, backend",
    [
        (BOARD, "fpga"),
        (PC, "cpu"),
        (EMULATOR, "emulator"),
        (Place("ZCU104", True), "emulator"),
    ],
)
def test_the_back_end_that_auto_means(place, backend):
    assert place.backend == backend and place.uses_pynq == (backend != "cpu")


@pytest.mark.parametrize(
    "place, verdict",
    [(BOARD, "ok"), (PC, "not here"), (EMULATOR, "not here"), (Place("Pynq-Z2", False), "wrong")],
)
def test_board(place, verdict):
    found = software.board(place)
    assert found.verdict == verdict
    assert bool(found.remedy) == (verdict == "wrong")


@pytest.mark.parametrize(
    "version, verdict",
    [((3, 9, 18), "wrong"), ((3, 10, 4), "ok"), ((3, 12, 1), "ok"), ((3, 13, 0), "wrong")],
)
def test_python(version, verdict):
    found = software.python(version)
    assert found.verdict == verdict and found.found == ".".join(map(str, version))


@pytest.mark.parametrize(
    "version, place, verdict, remedy",
    [
        ("3.0.1", BOARD, "ok", ""),
        ("3.1.2", EMULATOR, "ok", ""),
        ("4.0.0", BOARD, "ok", ""),
        ("4.1.0rc1", PC, "ok", ""),
        ("2.7.0", BOARD, "wrong", "image"),
        ("3.0.0", EMULATOR, "wrong", "pip install"),
        ("5.0", EMULATOR, "wrong", "pip install"),
        (None, PC, "not here", "PYNQ_LSTM_EMULATE=1"),
        (None, EMULATOR, "missing", "pip install"),
        (None, BOARD, "missing", "pynq_venv.sh"),
    ],
)
def test_pynq(version, place, verdict, remedy):
    found = software.pynq(version, place)
    assert found.verdict == verdict and remedy in found.remedy
    assert bool(found.remedy) == (verdict != "ok")


@pytest.mark.parametrize(
    "name, version, pynq, verdict",
    [
        ("numpy", "1.26.4", "4.0.0", "ok"),
        ("numpy", "2.0.0", "4.0.0", "wrong"),
        ("numpy", "2.1.0", None, "ok"),
        ("pycparser", "2.23", "3.0.1", "ok"),
        ("pycparser", "3.0", "3.1.2", "wrong"),
        ("pycparser", "3.0", None, "ok"),
        ("pycparser", None, None, "not here"),
    ],
)
def test_what_pynq_caps(name, version, pynq, verdict):
    found = software.capped(name, version, pynq)
    assert found.verdict == verdict
    assert (f"pip install '{name}<" in found.remedy) == (verdict == "wrong")


def test_requirements():
    assert software.requirements([]).verdict == "ok"
    lacking = software.requirements(["safetensors", "tqdm"])
    assert lacking.verdict == "missing"
    assert "--no-deps safetensors tqdm" in lacking.remedy


def test_requirements_are_those_of_the_package():
    stated = configparser.ConfigParser()
    stated.read(ROOT / "setup.cfg")
    lines = stated["options"]["install_requires"].split()
    assert [re.match(r"\w+", line)[0] for line in lines] == list(software.REQUIREMENTS)


def test_compiled_parts():
    assert software.extension("C kernels", None, "a.build", True).verdict == "ok"
    lacking = software.extension("C kernels", ImportError("no _kernel"), "a.build", True)
    assert lacking.verdict == "missing" and "python -m a.build" in lacking.remedy
    assert "no _kernel" in lacking.found
    assert software.extension("access", ImportError(), "a.build", False).verdict == "not here"


@pytest.mark.parametrize(
    "found, place, verdict",
    [("g++", PC, "ok"), (None, PC, "not here"), (None, EMULATOR, "missing")],
)
def test_compiler(found, place, verdict):
    assert software.compiler(found, place).verdict == verdict
