"""Seconds of each notebook, as `tools/run_notebooks.py --results` takes them: make notebooks."""

import os
from pathlib import Path

import results

GOAL = 60  # seconds of a notebook, on two cores


def state():
    """What the seconds depend on beside the machine: kernels that are kept, and its load."""
    kept = os.environ.get("PYNQ_LSTM_CACHE")
    there = kept and Path(kept).is_dir() and any(Path(kept).iterdir())
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    kernels = "those of the cache compiled before" if there else "compiled within"
    return {"back end": "emulator", "its kernels": kernels, "load before": load}


def write(seconds, before):
    """Write docs/results/notebooks.json.

    Parameters
    ----------
    seconds : dict of str to float
        By the name of a notebook.
    before : dict of str to str
        What `state` was.
    """
    figures = [
        results.figure(f"{name}.ipynb", took, "s", f"< {GOAL}", took < GOAL)
        for name, took in seconds.items()
    ]
    results.write("notebooks", figures, before)
