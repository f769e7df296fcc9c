"""From ``git clone`` to the first answer of a user's own nn.LSTM: times, and what was seen.

Who has an nn.LSTM has PyTorch: an environment with it is made first, timed by itself and no part of
the goal. What is: the clone, a plain ``pip install``, which compiles the kernels, and a script of a
dozen lines. pip's cache is warm; what Debian brings is there before, and so is not timed.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import results

GOAL = 180  # seconds
LIMIT = 1800  # seconds, so that a hanging installation ends
PAGE = results.ROOT / "docs" / "first_use.md"
SCRIPT = """\
import numpy as np
import torch

import pynq_lstm as pl

torch.manual_seed(0)
lstm = torch.nn.LSTM(16, 32, num_layers=2, batch_first=True)  # your own, trained
x = np.random.default_rng(0).normal(size=(64, 20, 16)).astype(np.float32)  # what it meets

model = pl.compress(pl.Network.from_torch(lstm), calibration=x, refinements=16, progress=False)
model.save("mine.safetensors")
with pl.load("mine.safetensors") as session:
    out, (h, c) = session.infer(x)
    print("ran on:", session.last_run.backend)
exact = lstm(torch.from_numpy(x))[0].detach().numpy()
print("h of the last step, 4 values:", out[0, -1, :4].round(3))
print("in float:                    ", exact[0, -1, :4].round(3))
print(f"mean error {np.abs(out - exact).mean():.4f} of values up to {np.abs(exact).max():.2f}")
"""
HEAD = """\
# First use

From an empty machine to the first answer of an `nn.LSTM` of one's own. Written by `make first-use`,
which ran these commands with a warm package cache; the seconds beside them are those that each
took, and the conditions are in [results/first_use.json](results/first_use.json). The goal, less
than three minutes, is that of the way from `git clone` to the answer.

Outside of it is what who has an `nn.LSTM` has already: Debian's packages (`sudo apt-get install git
make build-essential python3-venv python3-dev`), which are there where this page is written and so
are not timed; an environment of Python; and PyTorch in it, which come first, with their own times.

The network here is random, and a random network has no structure to compress: a trained one loses
less, as [compression.md](compression.md) shows.

`mine.py`:

"""


def timed(command, folder, environment):
    """Run a command of the shell; returns its seconds and its output, raises if it fails."""
    begin = time.perf_counter()
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stdout}{done.stderr}")
    return time.perf_counter() - begin, done.stdout


def user(folder):
    """The variables of a user's shell in which the environment ``env`` of a folder is activated."""
    path = f"{folder / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**kept, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def steps():
    """What is typed, and what its figure is called: before the clone, and from there on."""
    torch = metadata.version("torch").partition("+")[0]
    before = [
        ("python3 -m venv env; . env/bin/activate", "before: python3 -m venv"),
        (f"pip install -q torch=={torch}", "before: pip install torch"),
    ]
    way = [
        ("git clone -q URL pynq-lstm", "git clone"),
        ("pip install -q ./pynq-lstm", "pip install, kernels compiled"),
        ("python mine.py", "compress and run an nn.LSTM"),
    ]
    return before, way


def meant(command):
    """A command that is typed, as it is run here."""
    command = command.replace("URL", f"file://{shlex.quote(str(results.ROOT))}")
    return command.replace("python3", shlex.quote(sys.executable))


def line(command, seconds, output=""):
    """A command as the page shows it, the seconds beside it, and what came."""
    return f"$ {command:<42}# {seconds:.1f} s\n{output}"


def page(told):
    """The text of docs/first_use.md; `told` is what was typed and what came, `line` by `line`."""
    script = f"<!-- with torch -->\n```python\n{SCRIPT}```\n"
    return (
        f"{HEAD}{script}\nWhat was typed, how long it took, and what came:\n\n```text\n{told}```\n"
    )


def main():
    """Measure; writes docs/results/first_use.json and docs/first_use.md."""
    told, figures = [], []
    before, way = steps()
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        environment = user(folder)
        (folder / "mine.py").write_text(SCRIPT, encoding="utf-8")
        for command, what in before + way:
            took, output = timed(meant(command), folder, environment)
            told.append(line(command, took, re.sub(re.escape(work), "FOLDER", output)))
            figures.append(results.figure(what, took, "s"))
    total = sum(one["value"] for one in figures[len(before) :])
    whole = results.figure("first use, clone to answer", total, "s", f"< {GOAL}", total < GOAL)
    told.append(f"# from git clone to the answer: {total:.1f} s\n")
    conditions = {"package cache": "warm", "Debian's packages": "there before", "load before": load}
    results.write("first_use", [whole, *figures], conditions)
    results.replace(PAGE, page("".join(told)).encode())


if __name__ == "__main__":
    main()
