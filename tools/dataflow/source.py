"""Kernel sources: what libclang sees in them, their HLS pragmas, and textual edits."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import clang.cindex as ci

from .errors import InstrumentationError

PRAGMA = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+HLS[ \t]+((?:[^\\\n]|\\\r?\n|\\)*)", re.M | re.I)


@dataclass(frozen=True)
class Pragma:
    """One ``#pragma HLS`` line.

    Attributes
    ----------
    kind : str
        First word, upper case.
    options : dict of str to str
        ``name=value`` pairs, and bare words with an empty value; names in lower case.
    start, end : int
        Bytes of the file; `end` is that of the line, without its newline.
    """

    kind: str
    options: dict
    start: int
    end: int


def parse_pragma(match):
    """The Pragma of a match of ``PRAGMA``."""
    text = match.group(1).decode().replace("\\", " ").split("//")[0]
    kind, *words = re.sub(r"\s*=\s*", "=", text).split()
    pairs = (word.partition("=") for word in words)
    return Pragma(
        kind.upper(), {name.lower(): value for name, _, value in pairs}, match.start(), match.end()
    )


@dataclass
class SourceFile:
    """A file of the kernel and the edits that make its timed copy.

    Attributes
    ----------
    path : Path
    data : bytes
    pragmas : list of Pragma
        Ascending.
    """

    path: Path
    data: bytes
    pragmas: list
    _edits: list = field(default_factory=list)

    @classmethod
    def read(cls, path):
        """The file at `path`, unedited."""
        data = path.read_bytes()
        return cls(path, data, [parse_pragma(m) for m in PRAGMA.finditer(data)])

    def text(self, start, end):
        """Source text of a range of bytes."""
        return self.data[start:end].decode()

    def insert(self, at, text, closing=False):
        """Insert `text`; of those at one place, openings nest from the first call outwards in."""
        order = -len(self._edits) if closing else len(self._edits)
        self._edits.append((at, order, at, text))

    def remove(self, start, end):
        """Drop a range that has no other edit inside."""
        self._edits.append((start, len(self._edits), end, ""))

    def edited(self):
        """The bytes of the copy."""
        parts, position = [], 0
        for start, _, end, text in sorted(self._edits):
            parts += [self.data[position:start], text.encode()]
            position = end
        return b"".join([*parts, self.data[position:]])

    def where(self, offset):
        """``name:line`` of a byte."""
        return f"{self.path.name}:{self.data.count(bytes([10]), 0, offset) + 1}"

    def error(self, offset, value, problem, remedy):
        """An InstrumentationError at a place of this file."""
        return InstrumentationError(self.where(offset), value, problem, remedy)


def parse(source, arguments):
    """The translation unit of a C++ file; its own errors are ours.

    Raises
    ------
    InstrumentationError
    """
    unit = ci.Index.create().parse(str(source), args=arguments)
    for diagnostic in unit.diagnostics:
        if diagnostic.severity >= ci.Diagnostic.Error:
            place = diagnostic.location
            raise InstrumentationError(
                f"{Path(str(place.file)).name}:{place.line}",
                diagnostic.spelling,
                "the kernel does not compile",
                "compile it natively first",
            )
    return unit
