"""Helpers of the tests of overlays/: paths, dry runs of ``make`` and of the Tcl check."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHECK = ROOT / "tools" / "tcl_check"
COMMON = ROOT / "overlays" / "common"
SAMPLES = HERE / "reports"
GENERATIONS = ("2022.1", "2025.2")
for folder in (ROOT / "tools", COMMON):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def run(command, cwd, **environment):
    """Run a command with a deadline; its output as one text."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )


def check(tool, generation, script, folder):
    """Run the Tcl check on a script, in a folder of its own."""
    return run(["tclsh", CHECK / "check.tcl", tool, generation, script], folder)


def bare_path(folder):
    """A PATH with what a build needs, and no tool of the vendor's."""
    folder.mkdir()
    for name in (
        "sh",
        "make",
        "tclsh",
        "cmp",
        "mv",
        "rm",
        "mkdir",
        "basename",
        "dirname",
        "cat",
        "touch",
    ):
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


def make(target, work, *variables, generation=None, overlay=None, **environment):
    """``make -C overlays/svd_lstm TARGET`` in a build folder below `work`, with stand-in tools."""
    tools = work / "tools"
    path = str(tools) if tools.is_dir() else bare_path(tools)
    if generation:
        path = f"{CHECK / generation}{os.pathsep}{path}"
    return run(
        [
            *(
                "make",
                "--no-print-directory",
                "-C",
                overlay or ROOT / "overlays" / "svd_lstm",
                target,
            ),
            *(f"BUILD_ROOT={work / 'build'}", f"PYTHON={sys.executable}", *variables),
        ],
        work,
        PATH=path,
        TCL_CHECK_SAMPLES=str(SAMPLES),
        **environment,
    )
