"""What a wheel's extension modules are and need, read with readelf, and whether its data are there.

What must not be is refused.
"""

import re
import runpy
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import FrozenSet, Tuple

from abi3info import DATAS, FUNCTIONS
from abi3info.models import PyVersion, Symbol

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD_FILES = ("pynq_lstm/runtime/cpu/build.py", "pynq_lstm/runtime/fpga/access_build.py")
TAG = "cp310-abi3"
OLDEST_PYTHON = PyVersion(3, 10)
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "aarch64": "AArch64"}  # readelf's names
POLICIES = {(2, 17): "manylinux_2_17", (2, 28): "manylinux_2_28"}  # newest glibc of each
LIBRARIES = {"libc.so.6", "libm.so.6", "libpthread.so.0"}


DATA = ("overlays", "hls_src", "notebooks")  # top-level folders that are in the package as well
# caches, settings of tools, and what makes vectors from the repository's tests
NO_DATA = re.compile(r"__pycache__|\.pyc$|/\.[^/]+$|\.ipynb_checkpoints|^hls_src/tests/.*\.py$")


class WheelProblem(SystemExit):
    """A wheel is not what its users need."""


@dataclass(frozen=True)
class WheelNeeds:
    """What the modules of a wheel need of a machine.

    Attributes
    ----------
    machine : str
    glibc : tuple of int
        Newest version of a symbol.
    policy : str
        The oldest manylinux that has it.
    modules : tuple of str
    """

    machine: str
    glibc: Tuple[int, int]
    policy: str
    modules: Tuple[str, ...]

    def __str__(self):
        glibc = ".".join(map(str, self.glibc))
        return f"{len(self.modules)} modules for {self.machine}, abi3 of 3.10, glibc {glibc}"


@dataclass(frozen=True)
class Module:
    """What readelf says of a shared object.

    Attributes
    ----------
    machine : str
    libraries : frozenset of str
        Sonames it needs.
    folders : tuple of str
        Where it looks for them besides the system's own.
    glibc : frozenset of tuple of int
        Versions of symbols.
    python : frozenset of str
        Names of CPython that it needs.
    """

    machine: str
    libraries: FrozenSet[str]
    folders: Tuple[str, ...]
    glibc: FrozenSet[Tuple[int, int]]
    python: FrozenSet[str]


def read(path):
    """Read a shared object.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Module
    """
    text = subprocess.run(
        ["readelf", "--wide", "--file-header", "--dynamic", "--dyn-syms", path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    undefined = re.findall(r" UND (\S+)", text)
    return Module(
        re.search(r"Machine:\s+(.*)", text)[1],
        frozenset(re.findall(r"\(NEEDED\).*\[(.*)\]", text)),
        tuple(re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", text)),
        frozenset((int(a), int(b)) for a, b in re.findall(r"@GLIBC_(\d+)\.(\d+)", text)),
        frozenset(name for name in undefined if re.match("_?Py", name)),
    )


def problems(module, machine):
    """What is wrong with a module that is meant for a machine; an empty list if nothing is."""
    newest = max(POLICIES)
    return [
        text
        for wrong, text in (
            (module.machine != MACHINES[machine], f"is for {module.machine}"),
            (module.libraries - LIBRARIES, f"needs {sorted(module.libraries)}"),
            (module.folders, f"looks for libraries in {module.folders}"),
            (max(module.glibc, default=newest) > newest, f"needs glibc {max(module.glibc)}"),
            (unstable(module.python), f"needs {unstable(module.python)}, outside abi3 of 3.10"),
            (not module.python, "needs nothing of CPython, so it is no extension module"),
        )
        if wrong
    ]


def unstable(names):
    """Those names that the stable ABI of the oldest Python has not."""
    stable = {**FUNCTIONS, **DATAS}
    known = {name: stable.get(Symbol(name)) for name in names}
    return sorted(n for n, found in known.items() if not found or found.added > OLDEST_PYTHON)


def data():
    """Names that a wheel must have: all of the overlays' scripts, HLS sources and notebooks."""
    paths = [path for folder in DATA for path in (CHECKOUT / folder).rglob("*") if path.is_file()]
    names = {path.relative_to(CHECKOUT).as_posix() for path in paths}
    return {f"pynq_lstm/{name}" for name in names if not NO_DATA.search(name)}


def check(wheel, machine):
    """Check a wheel.

    Parameters
    ----------
    wheel : Path
    machine : str
        One of `MACHINES`.

    Returns
    -------
    WheelNeeds

    Raises
    ------
    WheelProblem
    """
    if f"-{TAG}-" not in wheel.name or not wheel.name.endswith(f"_{machine}.whl"):
        raise WheelProblem(f"{wheel.name} is not named as {TAG} for {machine}")
    expected = {
        runpy.run_path(str(CHECKOUT / file))["MODULE"].replace(".", "/") + ".abi3.so"
        for file in BUILD_FILES
    }
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        lacking = data() - set(archive.namelist())
        if lacking:
            raise WheelProblem(f"{wheel.name} lacks {sorted(lacking)}")
        names = {name for name in archive.namelist() if name.endswith(".so")}
        if names != expected:
            raise WheelProblem(f"{wheel.name} holds {sorted(names)}, not {sorted(expected)}")
        modules = {name: read(archive.extract(name, folder)) for name in sorted(names)}
    wrong = [f"{name} {text}" for name, m in modules.items() for text in problems(m, machine)]
    if wrong:
        raise WheelProblem(f"{wheel.name}: {'; '.join(wrong)}")
    glibc = max(version for m in modules.values() for version in m.glibc)
    policy = next(name for newest, name in sorted(POLICIES.items()) if glibc <= newest)
    return WheelNeeds(machine, glibc, policy, tuple(modules))
