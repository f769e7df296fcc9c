"""What is installed has what boards and notebooks look for in it."""

import configparser
import importlib
import importlib.util
import re
from importlib import metadata, resources
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROUPS = ("pynq.lib", "pynq.overlays", "pynq.notebooks")


@pytest.mark.parametrize("group", GROUPS)
def test_entry_points_for_pynq(group):
    """They are installed as setup.cfg states them, and name a module each."""
    stated = configparser.ConfigParser()
    stated.read(ROOT / "setup.cfg")
    name, _, module = stated["options.entry_points"][group].strip().partition(" = ")
    installed = {
        point.name: point.value
        for point in metadata.distribution("pynq-lstm").entry_points
        if point.group == group
    }
    assert installed == {name: module}
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize(
    "package, pattern",
    [
        ("notebooks", "*.ipynb"),
        ("overlays", "*/design.json"),
        ("overlays", "*/Makefile"),
        ("overlays", "common/*.*"),
        ("overlays", "common/reports/*.py"),
        ("accelerator/devices", "*.json"),
        ("hls_src", "common/*.h"),
        ("hls_src", "svd_lstm/*.*"),
        ("hls_src", "block_diagonal_lstm/*.*"),
        ("exploration", "html/*"),
        ("runtime/cpu", "*.[ch]"),
        ("runtime/fpga", "*.[ch]"),
    ],
)
def test_files_that_are_no_modules(package, pattern):
    """Each of them is in the package, whether it is a checkout or a wheel."""
    source = ROOT / "pynq_lstm" / package
    with resources.as_file(resources.files("pynq_lstm")) as installed:
        there = {path.name for path in (installed / package).glob(pattern)}
    assert there == {path.name for path in source.glob(pattern)} and there


def test_pip_takes_the_versions_of_python_that_the_doctor_does():
    from pynq_lstm.runtime.doctor import software

    stated = configparser.ConfigParser()
    stated.read(ROOT / "setup.cfg")
    least, most = re.fullmatch(
        r">=3\.(\d+), <3\.(\d+)", stated["options"]["python_requires"]
    ).groups()
    taken = [minor for minor in range(6, 20) if software.python((3, minor, 0)).well]
    assert taken == list(range(int(least), int(most)))
    listed = re.findall(r"Python :: 3\.(\d+)", stated["metadata"]["classifiers"])
    assert [int(minor) for minor in listed] == taken


def test_pynq_is_no_requirement():
    """An installation on a board must leave the pynq and the NumPy of its image alone."""
    required = metadata.distribution("pynq-lstm").requires
    plain = [line for line in required if "extra ==" not in line]
    assert not any(line.startswith("pynq") for line in plain)
    assert any(line.startswith("numpy") for line in plain)
    assert not any("<" in line for line in plain if line.startswith("numpy")), plain
    assert any(line.startswith("numpy") and "<2" in line for line in required)
