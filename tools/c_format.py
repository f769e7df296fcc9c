"""clang-format on the C and HLS sources: ``python tools/c_format.py [--fix] [FILE...]``.

clang-format takes some things here for something else: loop labels (``rows: for (...)``) and names
of the C templates (``NAME(tile)``), which are swapped for words as wide before it runs; HLS pragmas
and macros stay as they are. Style: .clang-format, for C++ hls_src/.clang-format.
"""

import argparse
import difflib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("hls_src", "pynq_lstm/runtime", "tests", "tools/aarch64")
LEFT_OUT = (  # lines that tests count, and a file that a program writes
    "tests/hls/lint/",
    "tests/hls/tcl/",
    "tests/hls/reports/",
    "hls_src/common/sigma_segments.h",
)
SUFFIXES = {".c", ".h", ".cpp"}
_LABEL = re.compile(r"\b(\w+): (for|while) \(")
_NAME = re.compile(r"\bNAME\((\w+)\)")
_KEPT = re.compile(r"^(?:[ \t]*#pragma HLS .*|#define (?:.*\\\n)*.*)$", re.MULTILINE)


def sources():
    """Every source that is formatted, relative to the root, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    names = [name for name in listed if Path(name).suffix in SUFFIXES]
    return sorted(name for name in names if not name.startswith(LEFT_OUT))


def formatted(text, name, program):
    """The text of a file as it should be.

    Parameters
    ----------
    text, name : str
        The name, relative to the root, picks the style.
    program : str
        clang-format.
    """
    kept = iter(_KEPT.findall(text))
    loops = sorted({"__".join(found) for found in _LABEL.findall(text)})
    text = _KEPT.sub("#pragma kept", text)
    text = _NAME.sub(r"NAME_\1_", _LABEL.sub(r"\1__\2 (", text))
    style = f"{{BasedOnStyle: InheritParentConfig, ForEachMacros: [{', '.join(loops)}]}}"
    text = subprocess.run(
        [program, f"--assume-filename={ROOT / name}", f"--style={style}"],
        check=True,
        capture_output=True,
        text=True,
        input=text,
    ).stdout
    text = re.sub(r"\b(\w+)__(for|while) \(", r"\1: \2 (", text)
    text = re.sub(r"\bNAME_(\w+?)_(?!\w)", r"NAME(\1)", text)
    return re.sub(r"^#pragma kept$", lambda _: next(kept), text, flags=re.MULTILINE)


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fix", action="store_true", help="write the files instead of telling")
    parser.add_argument("files", nargs="*", help="default: every source")
    options = parser.parse_args(arguments)
    beside = Path(sys.executable).with_name("clang-format")
    program = str(beside) if beside.exists() else shutil.which("clang-format")
    if program is None:
        print("c_format: no clang-format; make lint installs it", file=sys.stderr)
        return 2
    asked = {str(Path(file).resolve().relative_to(ROOT)) for file in options.files}
    different = 0
    for name in [one for one in sources() if not asked or one in asked]:
        before = (ROOT / name).read_text(encoding="utf-8")
        after = formatted(before, name, program)
        if after == before:
            continue
        different += 1
        if options.fix:
            (ROOT / name).write_text(after, encoding="utf-8")
            print(f"formatted {name}")
        else:
            lines = before.splitlines(), after.splitlines()
            print("\n".join(difflib.unified_diff(*lines, name, "formatted", lineterm="", n=0)))
    return int(different > 0 and not options.fix)


if __name__ == "__main__":
    sys.exit(main())
