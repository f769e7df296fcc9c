"""Text files end in one newline and no blanks, files are small, notebooks are whole.

``python tools/file_checks.py [FILE...]``; default: every file that git knows.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST = 3 << 20  # bytes of one file
TEXT = {".py", ".c", ".h", ".cpp", ".md", ".tcl", ".sh", ".toml", ".cfg", ".yaml", ".mk", ".js"}


def findings(path):
    """What is wrong with one file, a list of str."""
    content = path.read_bytes()
    found = [f"{len(content)} bytes, more than {MOST}"] if len(content) > MOST else []
    if path.suffix == ".ipynb":
        found += notebook(content)
    if path.suffix not in TEXT or not content:
        return found
    if b"\r" in content:
        found.append("carriage returns")
    if not content.endswith(b"\n") or content.endswith(b"\n\n"):
        found.append("does not end in one newline")
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.rstrip(b" \t") != line:
            found.append(f"line {number} ends in blanks")
    return found


def notebook(content):
    """What is wrong with a notebook: no JSON, or an output that is an error."""
    try:
        cells = json.loads(content)["cells"]
    except (ValueError, KeyError, TypeError):
        return ["no notebook"]
    outputs = [one for cell in cells for one in cell.get("outputs", ())]
    return ["a cell ended in an error"] * any(one["output_type"] == "error" for one in outputs)


def main(arguments=None):
    """Command line; returns the exit status."""
    names = sys.argv[1:] if arguments is None else arguments
    if not names:
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        names = listed.stdout.splitlines()
    wrong = 0
    for path in sorted({(ROOT / name).resolve() for name in names if (ROOT / name).is_file()}):
        for problem in findings(path):
            print(f"{path.relative_to(ROOT)}: {problem}")
            wrong += 1
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
