"""What `make wheels` built, and what is refused of a wheel."""

import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import wheel_check

DIST = Path(__file__).resolve().parents[2] / "dist"
MACHINES = ("x86_64", "aarch64")


def wheel_of(machine):
    (wheel,) = DIST.glob(f"pynq_lstm-*_{machine}.whl")
    return wheel


@pytest.fixture(scope="module")
def module():
    """A module of today's compiler with nothing to object to."""
    names = frozenset({"PyImport_ImportModule", "_Py_NoneStruct"})
    glibc, libraries = frozenset({(2, 17)}), frozenset({"libc.so.6"})
    return wheel_check.Module("AArch64", libraries, (), glibc, names)


@pytest.mark.parametrize("machine", MACHINES)
def test_wheels_are_what_their_names_say(machine):
    needs = wheel_check.check(wheel_of(machine), machine)
    assert needs.machine == machine and len(needs.modules) == len(wheel_check.BUILD_FILES)
    assert f"cp310-abi3-{needs.policy}_{machine}.whl" in wheel_of(machine).name


@pytest.mark.parametrize("name", ["overlays/common/overlay.mk", "notebooks/quick_start.ipynb"])
def test_a_wheel_without_its_data_is_refused(tmp_path, name):
    whole = wheel_of("x86_64")
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / whole.name, "w") as new:
        for info in old.infolist():
            if info.filename != f"pynq_lstm/{name}":
                new.writestr(info, old.read(info))
    with pytest.raises(wheel_check.WheelProblem, match=f"lacks ..pynq_lstm/{name}"):
        wheel_check.check(tmp_path / whole.name, "x86_64")


def test_a_wheel_of_another_machine_is_refused(tmp_path):
    name = wheel_of("x86_64").name.replace("x86_64", "aarch64")
    wrong = shutil.copy(wheel_of("x86_64"), tmp_path / name)
    with pytest.raises(wheel_check.WheelProblem, match=r"_kernel.abi3.so is for .*X86-64"):
        wheel_check.check(wrong, "aarch64")


def test_a_wheel_of_one_python_is_refused(tmp_path):
    wrong = tmp_path / wheel_of("aarch64").name.replace("abi3", "cp310")
    with pytest.raises(wheel_check.WheelProblem, match="not named as cp310-abi3 for aarch64"):
        wheel_check.check(wrong, "aarch64")


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"machine": "RISC-V"}, "is for RISC-V"),
        ({"libraries": frozenset({"libc.so.6", "libgomp.so.1"})}, "needs .*libgomp"),
        ({"folders": ("/opt/lib",)}, "looks for libraries in .*/opt/lib"),
        ({"glibc": frozenset({(2, 17), (2, 34)})}, r"needs glibc \(2, 34\)"),
        ({"python": frozenset({"PyImport_ImportModule", "_PyLong_Sign"})}, "_PyLong_Sign"),
        ({"python": frozenset({"PyType_GetName"})}, "PyType_GetName"),  # since Python 3.11
        ({"python": frozenset()}, "no extension module"),
    ],
)
def test_problems(module, change, problem):
    assert wheel_check.problems(module, "aarch64") == []
    (text,) = wheel_check.problems(replace(module, **change), "aarch64")
    assert re.search(problem, text)
