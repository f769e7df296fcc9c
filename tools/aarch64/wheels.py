"""Build a wheel for x86-64 and one for aarch64, check them, and name them after what they need.

Both are cp310-abi3: one wheel of a machine serves every Python from 3.10. The aarch64 one is
cross-built with the Python headers of the root that make_root.sh makes. The build runs in a copy
of the checkout, so that neither sees what the other built.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict

import wheel_check

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
NO_SOURCES = (".git", ".venv*", "build", "dist", "demo", "*.so", "*.egg-info", "__pycache__")
PYTHON = "python3.11"  # of the root
SHOWN = 40  # lines of what a failing command said
# before glibc 2.34 the threads of old_glibc.h are in a library of their own
THREADS = "-Wl,--no-as-needed,-l:libpthread.so.0,--as-needed"


@dataclass(frozen=True)
class Target:
    """A machine to build for.

    Attributes
    ----------
    machine : str
        As in platform tags.
    compiler : str
        Command of the C compiler.
    flags : str
        For every source, besides those of the build files.
    environment : dict
        Beyond the compiler, for setuptools.
    """

    machine: str
    compiler: str
    flags: str = ""
    environment: Dict[str, str] = field(default_factory=dict)

    def variables(self):
        """The environment of the build.

        The linker's command is given because Python's own holds the folders of the machine that
        Python was built on, and would leave them in the wheel as places to look for libraries.
        """
        return {
            **os.environ,
            "CC": self.compiler,
            "LDSHARED": f"{self.compiler} -shared {THREADS}",
            "CFLAGS": f"-g0 -include {HERE / 'old_glibc.h'} {self.flags}",
            **self.environment,
        }


def targets(root):
    """This machine, and aarch64 with the headers of a root."""
    # -idirafter: Debian's pyconfig.h includes that of the machine from a folder of its own
    headers = f"-I{root}/usr/include/{PYTHON} -idirafter {root}/usr/include"
    return (
        Target("x86_64", "gcc"),
        Target(
            "aarch64",
            "aarch64-linux-gnu-gcc",
            headers,
            {"_PYTHON_HOST_PLATFORM": "linux-aarch64"},
        ),
    )


def build(target, output):
    """Build, check and name one wheel.

    Parameters
    ----------
    target : Target
    output : Path
        Folder of the wheel.

    Returns
    -------
    tuple of Path, WheelNeeds

    Raises
    ------
    SystemExit
        The build failed, or the wheel is not what it should be.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "source"), Path(folder, "built")
        shutil.copytree(CHECKOUT, source, symlinks=True, ignore=shutil.ignore_patterns(*NO_SOURCES))
        command = "-m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation"
        run([*command.split(), "--wheel-dir", built, source], target.variables())
        (plain,) = built.glob("*.whl")
        needs = wheel_check.check(plain, target.machine)
        tag = f"{needs.policy}_{target.machine}"
        run(["-m", "wheel", "tags", "--remove", "--platform-tag", tag, plain])
        (tagged,) = built.glob("*.whl")
        for old in output.glob(f"*_{target.machine}.whl"):
            old.unlink()
        output.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(tagged, output)), needs


def run(arguments, environment=None):
    """Run this Python; its output is shown when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-SHOWN:])
        raise SystemExit(f"{last}\nwheels.py: failed: {' '.join(map(str, arguments))}")


def main():
    """Build the wheels and print what each needs."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--root", type=Path, required=True, help="made by make_root.sh")
    options.add_argument("--output", type=Path, default=CHECKOUT / "dist")
    options = options.parse_args()
    machines = targets(options.root.resolve())
    with ThreadPoolExecutor(len(machines)) as pool:
        for path, needs in pool.map(lambda target: build(target, options.output), machines):
            print(f"{path.name}: {needs}")


if __name__ == "__main__":
    main()
