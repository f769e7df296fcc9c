"""The sources of an overlay, copied to where they can be built.

WORK/hls_src            of the package
WORK/overlays/common    of the package: the rules of make, Tcl scripts, what packs the result
WORK/overlays/NAME      Makefile and design.json
WORK/build/NAME         what make and the tools write
"""

import filecmp
import os
import shutil
from pathlib import Path

from pynq_lstm.errors import BuildError
from pynq_lstm.runtime.fpga.files import DESIGN, SHIPPED

SOURCES = SHIPPED.parent / "hls_src"
_MAKEFILE = "KERNEL := {kernel}\ninclude ../common/overlay.mk\n"


def prepare(design, work):
    """Copy the sources; what did not change keeps its time, so that make does nothing twice.

    Parameters
    ----------
    design : Design
    work : Path

    Returns
    -------
    Path
        The folder that `make -C` is to be given.

    Raises
    ------
    BuildError
        A path that the tools do not take, or files that cannot be written.
    """
    work = Path(os.path.abspath(work))
    if len(str(work).split()) != 1:
        raise BuildError("work", str(work), "the tools take no spaces in it", "name another folder")
    overlay = work / "overlays" / design.name
    try:
        _copy(SOURCES, work / "hls_src")
        _copy(SHIPPED / "common", work / "overlays" / "common")
        overlay.mkdir(parents=True, exist_ok=True)
        _write(overlay / DESIGN, design.to_json())
        _write(overlay / "Makefile", _MAKEFILE.format(kernel=design.kernel))
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise BuildError("work", str(work), problem, "name another folder") from None
    return overlay


def _copy(source, target):
    """A folder's files, those of its folders too."""
    for path in sorted(source.rglob("*")):
        own = path.relative_to(source)
        if not path.is_file() or "__pycache__" in own.parts:
            continue
        copy = target / own
        if not (copy.is_file() and filecmp.cmp(path, copy, shallow=False)):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def _write(path, text):
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
