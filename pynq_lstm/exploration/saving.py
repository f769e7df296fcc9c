"""A folder with what an exploration found: a model and an overlay's design that fit each other.

    design.json         of the kernel
    model.safetensors   the compressed model or network
    report.json         `Exploration.as_dict`: what was tried, and what was left out
    report.txt          the same as a table
    Makefile            `make csim`, `make bit` and so on, by the rules of overlays/

Files are written under temporary names and then renamed, the design last. A report.html of an
older answer does not stay: `report.write_html` writes that of this one.
"""

import json
import os
import secrets
import sys
from errno import EACCES, ENOTDIR
from pathlib import Path

from pynq_lstm.errors import InputError, ModelFormatError
from pynq_lstm.runtime.fpga.files import SHIPPED

_MAKEFILE = """\
# `make help` lists what can be built here, below build/. `pynq-lstm build --design .` builds the
# same, and packs what `pynq-lstm fetch` takes. OVERLAYS: the folder overlays/ of pynq_lstm, in its
# repository or as installed; csim and cosim need that of the repository.
OVERLAYS ?= {rules}
KERNEL := {kernel}
COSIM_DESIGN ?= $(OVERLAYS)/{small}/design.json
BUILD_ROOT ?= build
ifeq ($(wildcard $(OVERLAYS)/common/overlay.mk),)
$(error OVERLAYS=$(OVERLAYS): no folder overlays/ of pynq_lstm; name it: make OVERLAYS=FOLDER)
endif
ifneq ($(wildcard $(OVERLAYS)/../__init__.py),)
PACKAGE ?= $(abspath $(OVERLAYS)/../..)
PYTHON ?= $(firstword $(wildcard {python}) python3)
endif
ifeq ($(VECTORS)$(wildcard $(OVERLAYS)/../hls_src/tests/make_vectors.py),)
ifneq ($(filter csim cosim cosim-of-design,$(MAKECMDGOALS)),)
$(error csim and cosim need the repository of pynq_lstm: make OVERLAYS=REPOSITORY/overlays)
endif
endif
include $(OVERLAYS)/common/overlay.mk
"""
DESIGN, MODEL, REPORT, TABLE = "design.json", "model.safetensors", "report.json", "report.txt"
PAGE = "report.html"


def save(exploration, folder):
    """Write the folder.

    Parameters
    ----------
    exploration : Exploration
    folder : path-like
        Made if it is not there; files of these names in it are replaced, report.html is removed.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        It cannot be written.
    """
    folder = checked(folder)
    design = exploration.design
    texts = {
        REPORT: json.dumps(exploration.as_dict(), indent=1, allow_nan=False) + "\n",
        TABLE: exploration.table() + "\n",
        "Makefile": makefile(design.kernel),
        DESIGN: json.dumps(json.loads(design.to_json()), indent=1) + "\n",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for of_another in (DESIGN, PAGE):
            (folder / of_another).unlink(missing_ok=True)
        exploration.model.save(folder / MODEL)
        for name, text in texts.items():
            _write(folder / name, text)
    except (OSError, ModelFormatError) as error:
        _refuse(folder, error)
    return folder


def checked(folder):
    """A path where a folder is or can be made; raises `InputError`, and changes nothing."""
    try:
        folder = Path(folder)
        if "\0" in str(folder):
            raise ValueError("a name with a null character")
        there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
        if not there.is_dir():
            raise NotADirectoryError(ENOTDIR, "a file is in its place")
        if not os.access(there, os.W_OK):
            raise PermissionError(EACCES, "not permitted")
    except (OSError, TypeError, ValueError) as error:
        _refuse(folder, error)
    return folder


def _refuse(folder, error):
    problem = f"cannot be written ({getattr(error, 'strerror', None) or error})"
    raise InputError("folder", str(folder), problem, "name another one") from None


def makefile(kernel):
    """Rules of an overlay outside of the project: where that is can be given anew.

    What is built lies beside it, and the package is found from a copy of the repository and from
    an installed package, which has its folder overlays/ within it.

    Parameters
    ----------
    kernel : str
        Of the design.
    """
    small = "block_diagonal_lstm_tiny" if kernel.startswith("block") else "svd_lstm_tiny"
    return _MAKEFILE.format(
        rules=SHIPPED.resolve(), python=sys.executable, kernel=kernel, small=small
    )


def _write(path, text):
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
