"""Seeded files: how tests find and lint them, and what each line is expected to give."""

import re
from pathlib import Path

from hls_lint import Kernel, lint

HERE = Path(__file__).resolve().parent
GOOD, ALLOWED = HERE / "good", HERE / "allowed"
BAD, BAD_IR = HERE / "bad", HERE / "bad_ir"
_EXPECT = re.compile(r"expect: ([a-z-]+(?:, [a-z-]+)*)")


def good(folder=GOOD, **options):
    """The good sample, or a changed copy of it."""
    return Kernel(folder / "kernel.cpp", "sample", (folder,), **options)


def bad(name):
    """A bad file of the lint."""
    return Kernel(BAD / f"{name}.cpp", "top")


def found(kernel):
    """The findings as a set of (file name, line, rule)."""
    return {(Path(f.file).name, f.line, f.rule) for f in lint(kernel)}


def expected(path):
    """What the comments of a file say: a set of (file name, line, rule)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {
        (path.name, number, rule)
        for number, line in enumerate(lines, 1)
        for match in _EXPECT.finditer(line)
        for rule in match[1].split(", ")
        if rule != "nothing"
    }
