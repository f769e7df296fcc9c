"""`build`: an overlay by make, and its files packed as `pynq_lstm.runtime.fetching` takes them."""

import hashlib
import math
import os
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Optional

from pynq_lstm.building import processes, tools, work_folder
from pynq_lstm.errors import BuildError

# csim and cosim need the naive model of the repository's tests
STEPS = {
    "csynth": (tools.MAKE, tools.HLS),
    "ip": (tools.MAKE, tools.HLS),
    "bd": (tools.MAKE, tools.HLS, tools.VIVADO),
    "bit": (tools.MAKE, tools.HLS, tools.VIVADO),
    "report": (tools.MAKE, tools.HLS),
    "package": (tools.MAKE, tools.HLS, tools.VIVADO),
}
HOURS = 24.0
_SHOWN = 5  # last lines of the log of a build that fails
_DRY_SECONDS = 120
_FIRST = (1980, 1, 1, 0, 0, 0)  # time of every member of an archive: the same files, the same bytes


@dataclass(frozen=True)
class Build:
    """What was built.

    Attributes
    ----------
    design, step, work, log : str
    package : str or None
        Folder with .bit, .hwh, design.json and manifest.json, after the step "package".
    archive, sha256 : str or None
        The same as a .zip, and its checksum.
    """

    design: str
    step: str
    work: str
    log: str
    package: Optional[str] = None
    archive: Optional[str] = None
    sha256: Optional[str] = None

    def to_dict(self):
        """For JSON."""
        return asdict(self)


def command(overlay, work, step, variables=()):
    """The call of make.

    Parameters
    ----------
    overlay, work : Path
    step : str
        One of `STEPS`.
    variables : sequence of str
        ``NAME=value``, of the table in overlays/README.md.

    Returns
    -------
    list of str

    Raises
    ------
    BuildError
        A path in it that make or the tools would take for something else.
    """
    package = Path(work_folder.__file__).resolve().parents[2]
    for name, path in (("PACKAGE", package), ("PYTHON", sys.executable)):
        work_folder.check_path(name, path, "install it below another folder")
    return [
        *("make", "--no-print-directory", "-C", str(overlay), step),
        f"BUILD_ROOT={work / 'build'}",
        f"PACKAGE={package}",
        f"PYTHON={sys.executable}",
        *variables,
    ]


def build(design, step, work, variables=(), hours=HOURS):
    """Build a step of an overlay, and all steps before it that are not done.

    Parameters
    ----------
    design : Design
    step : str
        One of `STEPS`.
    work : path
        Made if it is not there; a later call with the same one goes on in it.
    variables : sequence of str
        As `command` takes them.
    hours : float
        After which it is given up.

    Returns
    -------
    Build

    Raises
    ------
    BuildError
        A step or hours that are none, a tool that is missing, a folder that is not to be written
        to: before anything is written; a step failed; the time is up.
    """
    tools.check(_needed(step))
    if not 0 < hours < math.inf:
        raise BuildError("hours", hours, "not a positive number", "pass some, as 24")
    work = Path(os.path.abspath(work))
    call = command(work_folder.folder_of(design, work), work, step, variables)
    work_folder.prepare(design, work)
    log = work / f"{design.name}.log"
    _run(call, log, hours)
    made = Build(design.name, step, str(work), str(log))
    if step != "package":
        return made
    package = work / "build" / design.name / "package"
    archive = work / f"{design.name}.zip"
    digest = pack(package, archive)
    return replace(made, package=str(package), archive=str(archive), sha256=digest)


def _needed(step):
    if not isinstance(step, str) or step not in STEPS:
        raise BuildError("step", step, "unknown", f"choose from {list(STEPS)}")
    return STEPS[step]


def dry_run(design, step, work, variables=()):
    """The commands of a build, by a dry run of make in a temporary copy of the work folder.

    Returns
    -------
    list of str
        All of them, whatever is built already; nothing was written below `work`.

    Raises
    ------
    BuildError
        There is no make, or an argument that `build` would refuse.
    """
    _needed(step)
    tools.check([tools.MAKE])
    work = Path(os.path.abspath(work))
    work_folder.check(design, work)
    with tempfile.TemporaryDirectory() as folder:
        overlay = work_folder.prepare(design, Path(folder))
        call = command(overlay, work, step, variables)
        try:
            ran = subprocess.run(
                [*call, "--dry-run"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_DRY_SECONDS,
                env=processes.environment(),
            )
        except subprocess.TimeoutExpired:
            problem = f"no answer of its dry run in {_DRY_SECONDS} s"
            raise BuildError("make", step, problem, "try again") from None
        if ran.returncode:
            raise BuildError("make", ran.returncode, ran.stderr.strip(), "mend what it says")
        lines = [" ".join(call), *ran.stdout.splitlines()]
        return [line.replace(folder, str(work)) for line in lines]


def _run(call, log, hours):
    """Run make, its output into a file."""
    try:
        status = processes.run(call, log, 3600 * hours)
    except subprocess.TimeoutExpired:
        raise BuildError("hours", hours, f"the time is up; see {log}", "raise it") from None
    except OSError as error:
        problem = f"cannot be written, or make not run ({error.strerror or error})"
        raise BuildError("log", str(log), problem, "move it away, or name another --work") from None
    if status:
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()
        last = " | ".join(line.strip() for line in said[-_SHOWN:])
        raise BuildError("make", status, f"failed: {last}", f"read {log}, then build again")


def pack(package, archive):
    """Write the files of an overlay as a .zip, and its SHA-256 beside it, as sha256sum does.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    BuildError
        They cannot be written.
    """
    part = archive.with_name(archive.name + ".part")
    try:
        return _pack(package, archive, part)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        problem = f"cannot be written ({error.strerror or error})"
        remedy = "make room or move away what is in its place, then build again"
        raise BuildError("archive", str(archive), problem, remedy) from None


def _pack(package, archive, part):
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as stream:
        for path in sorted(package.iterdir()):
            info = zipfile.ZipInfo(f"{archive.stem}/{path.name}", _FIRST)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            stream.writestr(info, path.read_bytes())
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    said = archive.with_name(archive.name + ".sha256")
    temporary = said.with_name(said.name + ".part")
    temporary.write_text(f"{digest}  {archive.name}\n")
    os.replace(temporary, said)
    os.replace(part, archive)  # the last: what has its name is whole, with its checksum beside it
    return digest
