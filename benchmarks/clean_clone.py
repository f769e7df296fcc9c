"""Wall time of the two commands of README, from a clean clone of this repository."""

import subprocess
import tempfile
import time
from pathlib import Path

import results

LIMIT = 1800  # seconds, so that a hanging installation ends


def timed(folder, *command):
    """Run a command in `folder`; returns its seconds, raises if it fails."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, timeout=LIMIT)
    return time.perf_counter() - begin


def main():
    """Measure and write docs/results/clean_clone.json."""
    with tempfile.TemporaryDirectory() as work:
        clone = Path(work) / "pynq_lstm"
        subprocess.run(
            ["git", "clone", "-q", str(results.ROOT), str(clone)], check=True, timeout=LIMIT
        )
        install = timed(clone, "make", ".venv/.demo")
        demo = timed(clone, "make", "demo")
        test_install = timed(clone, "make", ".venv/.test")
        test = timed(clone, "make", "test")
    figures = [
        results.figure("make demo, installation aside", demo, "s", "< 180", demo < 180),
        results.figure("make demo, installation", install, "s"),
        results.figure("make test, installation aside", test, "s", "< 480", test < 480),
        results.figure("make test, installation after make demo's", test_install, "s"),
    ]
    results.write("clean_clone", figures, {"package cache": "as pip found it"})


if __name__ == "__main__":
    main()
