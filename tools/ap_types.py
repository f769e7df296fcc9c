"""Fetch the open ap_int headers: ``python tools/ap_types.py build/ap_types``.

They come from the wheel of hls4ml (Apache-2.0), one version with a known SHA-256, through pip, and
go into a build folder, never into the tree. Only ap_*.h and what they include are taken: the stream
and math headers of that wheel are stand-ins of its own.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from pynq_lstm.errors import PynqLstmError

PACKAGE, VERSION = "hls4ml", "1.3.0"
SHA256 = "01bf1de2cd9bca56699b9fe3385cb1735026b022f9580fe1d73faf192dfb90f2"
STAMP = ".complete"
_FOLDER = "hls4ml/templates/vivado/ap_types/"
_WANTED = re.compile(re.escape(_FOLDER) + r"(ap_\w+\.h|etc/\w+\.h)")
_TIMEOUT = 300  # seconds for the download


class ApTypesError(PynqLstmError, RuntimeError):
    """The ap_int headers cannot be had."""


def install(destination, wheel=None):
    """Put the headers into a folder; does nothing where they are already.

    Parameters
    ----------
    destination : path-like
        Made if absent; a folder that something else made is refused.
    wheel : path-like, optional
        The wheel, where there is no network; by default pip downloads it.

    Returns
    -------
    Path
        The folder to give to a compiler: it holds ``ap_int.h``.

    Raises
    ------
    ApTypesError
        No network, another wheel than the known one, or a folder that is not ours.
    """
    destination = Path(destination)
    if is_complete(destination):
        return destination
    if destination.exists() and any(destination.iterdir()):
        raise ApTypesError(
            "destination",
            str(destination),
            "exists and holds something else",
            "name a new folder, or remove this one",
        )
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".ap_types-") as work:
        unpacked = Path(work, "ap_types")
        _unpack(_checked(Path(wheel) if wheel else _download(work)), unpacked)
        if destination.exists():
            destination.rmdir()
        try:
            unpacked.rename(destination)
        except OSError:
            if not is_complete(destination):  # else another process was faster
                raise
    return destination


def is_complete(folder):
    """Whether a folder holds the headers of this version."""
    stamp = Path(folder, STAMP)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == SHA256


def _download(folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--timeout=20", "--retries=2"]
    command += ["--dest", folder, f"{PACKAGE}=={VERSION}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT)
        told, failed = done.stderr.strip(), done.returncode != 0
    except subprocess.TimeoutExpired:
        told, failed = f"no answer within {_TIMEOUT} s", True
    if failed:
        reason = told.splitlines()[-1] if told else "pip download failed"
        raise ApTypesError(
            "package",
            f"{PACKAGE}=={VERSION}",
            f"cannot be downloaded: {reason}",
            "connect to a package index, or give the wheel with --wheel",
        )
    return next(Path(folder).glob("*.whl"))


def _checked(wheel):
    try:
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    except OSError as error:
        raise ApTypesError("wheel", str(wheel), error.strerror, "name a readable file") from None
    if found != SHA256:
        raise ApTypesError(
            "wheel", str(wheel), f"its SHA-256 is {found}", f"use {PACKAGE} {VERSION}, {SHA256}"
        )
    return wheel


def _unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if _WANTED.fullmatch(name):
                target = folder / name.removeprefix(_FOLDER)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    if not (folder / "ap_int.h").is_file():
        raise ApTypesError("wheel", str(wheel), "holds no ap_int.h", f"use {PACKAGE} {VERSION}")
    (folder / STAMP).write_text(SHA256, encoding="utf-8")


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", help="a folder below build/")
    parser.add_argument("--wheel", help="the wheel of hls4ml, instead of a download")
    options = parser.parse_args(arguments)
    try:
        print(install(options.destination, options.wheel))
    except PynqLstmError as error:
        print(f"ap_types: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
