"""``python -m benchmarks.paper_pbd.search``: the schedule that suits the dense network best.

Candidates are compared by the validation slice alone, and by the dense float network alone, so
that what the quantised rows are held against is at its best. They run side by side.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.paper_pbd.run import DATA
from benchmarks.results import ROOT, replace

NAMES = "rate", "lstm_factor", "decay", "dropout", "tied"  # options of run
CANDIDATES = (
    (3e-3, 2.0, 0.1, (0.5, 0.5), 0),
    (3e-3, 4.0, 0.1, (0.5, 0.5), 0),
    (3e-3, 2.0, 0.1, (0.65, 0.5), 0),
    (3e-3, 2.0, 0.1, (0.35, 0.35), 0),
    (6e-3, 1.0, 0.1, (0.5, 0.5), 0),
    (3e-3, 2.0, 0.1, (0.5, 0.5), 1),
)


def start(candidate, options):
    """A process that trains the dense network, and where it will write."""
    rate, factor, decay, dropout, tied = candidate
    folder = options.work / f"{rate}-{factor}-{decay}-{'-'.join(map(str, dropout))}-{tied}"
    command = [
        sys.executable, "-m", "benchmarks.paper_pbd.run", "--rows", *options.rows, "--seeds", "1",
        "--device", options.device, "--data", options.data, "--epochs", options.epochs,
        "--rate", rate, "--lstm-factor", factor, "--decay", decay, "--dropout", *dropout,
        "--tied", tied, "--work", folder, "--output", folder / "report",
    ]  # fmt: skip
    places = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
    return subprocess.Popen(list(map(str, command)), cwd=ROOT, env=environment), folder


def result(folder, epochs):
    """Best validation perplexity of each row that was trained there for `epochs`."""
    found = {}
    for path in folder.glob("*-*.json"):
        log = json.loads(path.read_text(encoding="utf-8"))
        if log["schedule"]["epochs"] != epochs or len(log["epochs"]) != epochs:
            continue
        for k, (row, _) in enumerate(log["models"]):
            found[row] = round(min(epoch["validation"][k] for epoch in log["epochs"]), 3)
    return found


def main():
    """Run the candidates, write what each reached and the best of them."""
    parser = argparse.ArgumentParser(description="Choose the schedule on the validation slice.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rows", nargs="+", default=["dense"])
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "paper_pbd_search")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "paper_pbd_search.json")
    options = parser.parse_args()
    running = [start(candidate, options) for candidate in CANDIDATES]
    tried = []
    for candidate, (process, folder) in zip(CANDIDATES, running):
        process.wait()
        tried.append({**dict(zip(NAMES, candidate)), "validation": result(folder, options.epochs)})
        print(tried[-1], flush=True)
    ended = [entry for entry in tried if "dense" in entry["validation"]]
    best = min(ended, key=lambda entry: entry["validation"]["dense"])
    report = {"epochs": options.epochs, "best": best, "tried": tried}
    replace(options.output, json.dumps(report, indent=1).encode())


if __name__ == "__main__":
    main()
