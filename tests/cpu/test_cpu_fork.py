"""`os.fork` after threads have run: in a process of its own, since pytest's has many."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pynq_lstm

SCRIPT = Path(__file__).with_name("forked_calls.py")
PATH = [str(SCRIPT.parent), str(SCRIPT.parents[1]), str(Path(pynq_lstm.__file__).parents[1])]
SECONDS = 120  # for both processes


@pytest.mark.parametrize("divided", ["columns", "rows"])
def test_parent_and_child_compute_on(kernel, divided):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), kernel, divided],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATH)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
