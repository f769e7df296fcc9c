"""From ``git clone`` to the first answer of a user's own nn.LSTM: times, and what was seen.

Who has an nn.LSTM has PyTorch: it is taken from the environment that runs this, and neither its
installation nor pip's downloads are timed (pip's cache is warm). Everything else is: the clone, a
plain ``pip install``, which compiles the kernels, and a script of a dozen lines.
"""

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
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

From `git clone` to the first answer of an `nn.LSTM` of one's own, in an environment that has
PyTorch. Written by `make first-use`, which ran these commands; times and conditions are in
[results/first_use.json](results/first_use.json). The network here is random, and
a random network has no structure to compress: a trained one loses less, as
[compression.md](compression.md) shows.

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
    """An environment of a user who has PyTorch: the variables of its shell."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=LIMIT)
    own = next((folder / "venv").glob("lib/python*/site-packages"))
    had = Path(sysconfig.get_path("purelib"))
    for package in ("torch", "torchgen", "functorch"):
        if (had / package).is_dir():
            (own / package).symlink_to(had / package)
    needs = [one for one in ("numpy", "typing_extensions", "sympy", "mpmath", "networkx", "jinja2",
                             "markupsafe", "filelock", "fsspec")]  # fmt: skip
    for name in needs:
        for path in [*had.glob(name), *had.glob(f"{name}.py"), *had.glob(f"{name}.libs")]:
            (own / path.name).symlink_to(path)
    for path in [*had.glob("numpy-*.dist-info"), *had.glob("torch-*.dist-info")]:
        (own / path.name).symlink_to(path)
    path = f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**kept, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def page(told):
    """The text of docs/first_use.md; `told` is what was typed and what came."""
    script = f"<!-- with torch -->\n```python\n{SCRIPT}```\n"
    return f"{HEAD}{script}\nWhat was typed, and what came:\n\n```text\n{told}```\n"


def main():
    """Measure; writes docs/results/first_use.json and docs/first_use.md."""
    steps = [
        (f"git clone -q {results.ROOT} pynq_lstm", "git clone URL pynq_lstm", "git clone"),
        ("pip install -q ./pynq_lstm", None, "pip install, kernels compiled"),
        ("python mine.py", None, "compress and run an nn.LSTM"),
    ]
    seconds, told = [], []
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        environment = user(folder)
        (folder / "mine.py").write_text(SCRIPT, encoding="utf-8")
        for command, shown, _ in steps:
            took, output = timed(command, folder, environment)
            seconds.append(took)
            told.append(f"$ {shown or command}\n{re.sub(re.escape(work), 'FOLDER', output)}")
    total = sum(seconds)
    figures = [results.figure("first use, clone to answer", total, "s", f"< {GOAL}", total < GOAL)]
    figures += [results.figure(what, one, "s") for one, (_, _, what) in zip(seconds, steps)]
    told_of = {"package cache": "warm", "PyTorch": "there before", "load before": load}
    results.write("first_use", figures, told_of)
    results.replace(PAGE, page("".join(told)).encode())


if __name__ == "__main__":
    main()
