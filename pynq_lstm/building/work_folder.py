"""The sources of an overlay, copied to where they can be built.

WORK/pynq_lstm_build.json   which files were copied, by SHA-256: WORK is a folder for builds
WORK/hls_src                of the package
WORK/overlays/common        of the package: the rules of make, Tcl scripts, what packs the result
WORK/overlays/NAME          Makefile and design.json
WORK/build/NAME             what make and the tools write
"""

import hashlib
import json
import os
import re
from pathlib import Path

from pynq_lstm.errors import BuildError
from pynq_lstm.runtime.fpga.files import DESIGN, SHIPPED

SOURCES, RULES = SHIPPED.parent / "hls_src", SHIPPED / "common"
MARKER = "pynq_lstm_build.json"
_MAKEFILE = "KERNEL := {kernel}\ninclude ../common/overlay.mk\n"
_PLAIN = re.compile(r"[A-Za-z0-9_./+@-]+")  # to make, sh and Tcl


def folder_of(design, work):
    """The folder that `make -C` is to be given."""
    return work / "overlays" / design.name


def check_path(field, path, remedy):
    """Refuse a path that make, a shell or the tools would take for something else.

    Raises
    ------
    BuildError
    """
    if not _PLAIN.fullmatch(str(path)):
        problem = "the tools take letters, digits and _ . / + @ - in it, and no spaces"
        raise BuildError(field, str(path), problem, remedy)


def check(design, work):
    """Find out whether `prepare` would write; nothing is written.

    Returns
    -------
    contents : dict of str to bytes
        Files by their path in `work`.
    known : dict of str to list of str
        SHA-256 of what was copied there before.

    Raises
    ------
    BuildError
        A path that the tools do not take, a folder with other things in it, or a file of an
        earlier copy that was edited since.
    """
    check_path("work", work, "name another folder")
    contents = _contents(design)
    try:
        known = _known(work)
        for name, content in contents.items():
            path = work / name
            if path.is_file():
                found = path.read_bytes()
                if found != content and _sha256(found) not in known.get(name, ()):
                    remedy = "move it away or name another --work; sources of your own: make"
                    raise BuildError("work", str(path), "was edited since it was copied", remedy)
    except OSError as error:
        raise _unwritable(work, error) from None
    return contents, known


def prepare(design, work):
    """Copy the sources; what did not change keeps its time, so that make does nothing twice.

    Parameters
    ----------
    design : Design
    work : Path

    Returns
    -------
    Path
        `folder_of` them.

    Raises
    ------
    BuildError
        As `check`; or files that cannot be written.
    """
    work = Path(os.path.abspath(work))
    contents, known = check(design, work)
    new = {name: [_sha256(content)] for name, content in contents.items()}
    try:
        work.mkdir(parents=True, exist_ok=True)
        # until all are written a file may be the old or the new one
        _mark(work, {**known, **{n: sorted({*known.get(n, ()), *new[n]}) for n in new}})
        for name, content in contents.items():
            path = work / name
            if not (path.is_file() and path.read_bytes() == content):
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, content)
        _mark(work, {**known, **new})
    except OSError as error:
        raise _unwritable(work, error) from None
    return folder_of(design, work)


def _contents(design):
    """Bytes by path in the work folder."""
    found = {}
    for source, target in ((SOURCES, "hls_src"), (RULES, "overlays/common")):
        for path in sorted(source.rglob("*")):
            own = path.relative_to(source)
            if path.is_file() and "__pycache__" not in own.parts:
                found[f"{target}/{own.as_posix()}"] = path.read_bytes()
    own = f"overlays/{design.name}"
    found[f"{own}/{DESIGN}"] = design.to_json().encode()
    found[f"{own}/Makefile"] = _MAKEFILE.format(kernel=design.kernel).encode()
    return found


def _known(work):
    """What the marker says; refuses a folder that is not empty and has none."""
    remedy = "name an empty folder, or one of an earlier build"
    if not os.path.lexists(work) or (work.is_dir() and not any(work.iterdir())):
        return {}
    marker = work / MARKER
    if work.is_dir() and not marker.is_file():
        problem = "has files in it that are not of a build"
        raise BuildError("work", str(work), problem, remedy)
    try:
        known = json.loads(marker.read_text(encoding="utf-8"))["copied"]
        return {str(name): [str(one) for one in digests] for name, digests in known.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BuildError("work", str(marker), "damaged", remedy) from None


def _mark(work, known):
    text = json.dumps({"copied": known}, indent=1, sort_keys=True) + "\n"
    marker = work / MARKER
    if not marker.is_file() or marker.read_text(encoding="utf-8") != text:
        _write(marker, text.encode())


def _write(path, content):
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _unwritable(work, error):
    problem = f"cannot be written ({error.strerror or error})"
    return BuildError("work", str(work), problem, "name another folder")
