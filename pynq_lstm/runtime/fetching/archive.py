"""The files of an overlay out of a .zip or .tar; nothing else of it is written anywhere."""

import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from pynq_lstm.errors import OverlayError
from pynq_lstm.runtime.fetching.bounded import plain_tar

_WANTED = re.compile(r"[A-Za-z0-9_]+\.(bit|hwh)|design\.json|manifest\.json")
_MEMBERS = 1000  # an overlay has four
_PIECE = 1 << 16
_REMEDY = "take an archive of NAME.bit, NAME.hwh and manifest.json"
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError)
_DAMAGED += (ValueError, LookupError, ArithmeticError, struct.error, TypeError)
_DAMAGED += (RuntimeError, MemoryError)  # encrypted, unknown packing, too deep; absurd sizes
_HEADS = 4 << 20  # what a .tar may have besides its files


@dataclass(frozen=True)
class Member:
    """One of an archive.

    Attributes
    ----------
    name : str
    is_file, is_folder : bool
        Neither: a link or a device.
    key
        By which the archive opens it.
    """

    name: str
    is_file: bool
    is_folder: bool
    key: Any


def unpack(path, folder, most_bytes):
    """Write .bit, .hwh, design.json and manifest.json of an archive into a new folder.

    They may lie in a folder of the archive, all in the same; other files are left out.

    Raises
    ------
    OverlayError
        No archive, a damaged one, or one with a member that would be written elsewhere, that is
        neither file nor folder, that is there twice, or larger than `most_bytes` together.
    OSError
        They cannot be written.
    """
    folder.mkdir()
    with ExitStack() as stack:
        with _reading(path):
            archive = _opened(path, most_bytes, stack)
            members, read = _members(archive, most_bytes)
            _check(members)
        left = most_bytes
        for member in members:
            name = member.name.rpartition("/")[2]
            if member.is_file and _WANTED.fullmatch(name):
                with open(folder / name, "xb") as file:
                    left -= _copy(_pieces(path, read, member.key), file, left)


@contextmanager
def _reading(path):
    """What goes wrong is the archive's fault: nothing is written within."""
    try:
        yield
    except OverlayError:
        raise
    except _DAMAGED as error:
        problem = f"cannot be unpacked ({error or type(error).__name__})"
        raise OverlayError("archive", path.name, problem, _REMEDY) from None


def _opened(path, most_bytes, stack):
    if zipfile.is_zipfile(path):
        return stack.enter_context(zipfile.ZipFile(path))
    try:
        return stack.enter_context(plain_tar(path, most_bytes + _HEADS))
    except tarfile.TarError:
        raise OverlayError("archive", path.name, "neither .zip nor .tar", _REMEDY) from None


def _members(archive, most_bytes):
    """Members, and what opens one of them."""
    if isinstance(archive, zipfile.ZipFile):
        members = (
            (m.filename, m.file_size, _is_plain(m), m.is_dir(), m) for m in archive.infolist()
        )
        read = archive.open
    else:  # to the next member all of one is unpacked: its size comes first
        members = ((m.name, m.size, m.isreg(), m.isdir(), m) for m in archive)
        read = archive.extractfile
    found, total = [], 0
    for name, size, *others in members:
        if size < 0:
            raise OverlayError("archive", name, "has a size below 0", _REMEDY)
        found.append(Member(name, *others))
        total += size
        if len(found) > _MEMBERS:
            raise OverlayError("archive", name, f"more than {_MEMBERS} members", _REMEDY)
        if total > most_bytes:
            raise OverlayError("archive", total, "more bytes than are allowed in it", _REMEDY)
    return found, read


def _is_plain(info):
    """Whether a member of a .zip is a file: no kind is written, or that of one."""
    kind = info.external_attr >> 28
    return not info.is_dir() and kind in (0, 0o10)


def _check(members):
    """Refuse an archive, before anything of it is written, for any of its members."""
    wanted = []
    for member in members:
        parts = member.name.rstrip("/").split("/")
        if ".." in parts or member.name.startswith("/") or re.search(r"[\\:\0]", member.name):
            raise OverlayError("archive", member.name, "leads out of the archive", _REMEDY)
        if not (member.is_file or member.is_folder):
            raise OverlayError("archive", member.name, "neither a file nor a folder", _REMEDY)
        if member.is_file and _WANTED.fullmatch(parts[-1]):
            wanted.append([part for part in parts if part != "."])
    names = [parts[-1] for parts in wanted]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise OverlayError("archive", twice[0], "is in it twice", _REMEDY)
    if len({tuple(parts[:-1]) for parts in wanted}) > 1:
        problem = "an overlay's files lie in several folders"
        raise OverlayError("archive", sorted("/".join(parts) for parts in wanted), problem, _REMEDY)


def _pieces(path, read, key):
    with _reading(path):
        stream = read(key)
    with stream:
        yield from iter(partial(_read, path, stream), b"")


def _read(path, stream):
    with _reading(path):
        return stream.read(_PIECE)


def _copy(pieces, file, most):
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > most:
            raise OverlayError("archive", count, "more bytes than are allowed in it", _REMEDY)
        file.write(piece)
    return count
