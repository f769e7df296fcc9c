"""Write measured figures, and the conditions they were measured under, as JSON."""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"


def write(name, figures, extra_conditions=None):
    """Write ``docs/results/<name>.json``, replacing an earlier file in one step.

    Parameters
    ----------
    name : str
        What was measured; also the name of the file.
    figures : list of dict
        What `figure` returns, one entry each.
    extra_conditions : dict, optional
        Conditions beyond the processor and the versions, such as a seed.
    """
    report = {
        "name": name,
        "figures": figures,
        "conditions": {**_conditions(), **(extra_conditions or {})},
        "commit": commit(),
    }
    replace(RESULTS / f"{name}.json", (json.dumps(report, indent=1) + "\n").encode())


def figure(name, value, unit, goal=None, met=None, **more):
    """One measured figure; with a goal, the verdict on it; more (`interval_95`, ...) as given."""
    verdict = {} if goal is None else {"goal": goal, "verdict": "met" if met else "missed"}
    return {"figure": name, "value": value, "unit": unit, **verdict, **more}


def replace(path, content):
    """Write bytes to a file in one step: a reader sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    os.replace(partial, path)


def _conditions():
    python = platform.python_version()
    conditions = {"cpu": processor(), "cores": os.cpu_count(), "python": python}
    for package in ("numpy", "torch"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            conditions[package] = importlib.metadata.version(package)
    return conditions


def state_of(*names, more=""):
    """A short hash of source files, and of all in folders: what older code made is told by it.

    Parameters
    ----------
    *names : str
        Files and folders of the checkout.
    more : str
        What else a result depends on.
    """
    digest = hashlib.sha256(more.encode())
    for name in names:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in {".py", ".h", ".cpp", ".json"}:
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def processor():
    """Name of this machine's processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def commit():
    """The commit that is checked out, and whether files other than results differ from it."""
    revision = _git("rev-parse", "--short", "HEAD") or "none"
    changed = revision != "none" and _git(
        "status", "--porcelain", "--", ".", ":!docs/results", ":!docs/results.md"
    )
    return revision + "+changes" * bool(changed)


def _git(*arguments):
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
