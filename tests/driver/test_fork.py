"""A child process has no part in what its parent has open."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TIMEOUT = 120


@pytest.mark.parametrize("locked", [True, False])
def test_a_forked_child_leaves_everything_to_its_parent(locked, tmp_path):
    name = f"test-{os.getpid()}-{tmp_path.name}" if locked else ""
    done = subprocess.run(
        [sys.executable, str(HERE / "forked_use.py"), name],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    child, parent = map(json.loads, done.stdout.splitlines())
    busy = ("infer", "step", "next", *(["open"] if locked else []))
    assert {use: child[use] for use in busy} == dict.fromkeys(busy, "DeviceBusy")
    assert child["close"] is None
    assert child["freed"] == 0
    if locked:
        assert child["operations"] == 0  # nothing was touched
    assert parent == {
        "child": 0,
        "answers": True,
        "step": True,
        "infer": True,
        "buffers": 0,
        "bus_faults": 0,
    }
