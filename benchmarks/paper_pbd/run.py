"""``python -m benchmarks.paper_pbd.run``: Table I with three seeds, into docs/results.

An interrupted run goes on where it stopped when the same command is given again.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.paper_pbd import report, rows
from benchmarks.paper_pbd.training import Schedule
from benchmarks.results import ROOT

DATA = ROOT.parent / "shared" / "data"
QUICK = ("dense", "nlq-4-8", "tlq-4-8")


def arguments():
    """Of the command line."""
    schedule = Schedule()
    parser = argparse.ArgumentParser(description="Table I of the block-diagonal paper.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of wt2_*.txt")
    parser.add_argument("--text", type=Path, help="train on this text file instead")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rows", nargs="+", default=list(rows.ROWS), choices=rows.ROWS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=schedule.epochs)
    parser.add_argument("--fit", type=float, metavar="SECONDS",
                        help="after one epoch to measure, as many as fit")  # fmt: skip
    parser.add_argument("--rate", type=float, default=schedule.learning_rate)
    parser.add_argument("--lstm-factor", type=float, default=schedule.lstm_factor)
    parser.add_argument("--decay", type=float, default=schedule.decay)
    parser.add_argument("--dropout", nargs=2, type=float, default=schedule.dropout)
    parser.add_argument("--tied", type=int, choices=(0, 1), default=int(schedule.tied))
    parser.add_argument("--searched", type=Path,
                        help="take the schedule from this file")  # fmt: skip
    parser.add_argument("--processes", type=int, help="default: cores, or all tasks on cuda")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "paper_pbd",
                        help="folder of logs and checkpoints")  # fmt: skip
    parser.add_argument("--output", default="paper_pbd", help="name in docs/results, or a path")
    parser.add_argument("--quick", action="store_true", help="a few steps of three rows, for CI")
    parser.add_argument("--together", action="store_true",
                        help="models of one shape in one process; always on cuda")  # fmt: skip
    options = parser.parse_args()
    options.together |= options.device.startswith("cuda")
    if options.searched:
        best = json.loads(options.searched.read_text(encoding="utf-8"))["best"]
        for name in ("rate", "lstm_factor", "decay", "dropout", "tied"):
            setattr(options, name, best[name])
    return options


def jobs(options):
    """What each process is told, by the name of its task."""
    schedule = Schedule(
        epochs=options.epochs, learning_rate=options.rate, decay=options.decay,
        dropout=tuple(options.dropout), tied=bool(options.tied), lstm_factor=options.lstm_factor,
    )  # fmt: skip
    chosen, seeds = options.rows, options.seeds
    if options.quick:
        schedule, chosen, seeds = replace(schedule, epochs=2), QUICK, [1]
    made = {}
    for task in rows.tasks(chosen, seeds, options.together):
        job = {
            "name": task.name, "models": task.models, "schedule": asdict(schedule),
            "data": str(options.data), "text": options.text and str(options.text),
            "device": options.device, "quick": options.quick, "threads": 1,
        }  # fmt: skip
        # where data and work lie does not change what is trained
        what = {key: job[key] for key in ("models", "schedule", "device", "quick")}
        what["text"] = job["text"] and Path(job["text"]).name
        job["identity"] = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
        place = options.work / f"{task.name}-{job['identity']}"
        job["checkpoint"], job["log"] = f"{place}.pt", f"{place}.json"
        made[task.name] = job
    return made


def train(job):
    """Run one task in a process of its own."""
    told = Path(job["log"]).with_suffix(".job")
    told.parent.mkdir(parents=True, exist_ok=True)
    if job["quick"]:
        Path(job["checkpoint"]).unlink(missing_ok=True)
    told.write_text(json.dumps(job), encoding="utf-8")
    places = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, places)),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it products on CUDA may differ by run
    }
    command = [sys.executable, "-m", "benchmarks.paper_pbd.task", str(told)]
    subprocess.run(command, check=True, env=environment, cwd=ROOT)


def train_all(made, processes):
    """Run all tasks; returns what went wrong and how long it took."""
    started = time.perf_counter()
    with ThreadPoolExecutor(processes) as pool:
        done = [pool.submit(train, job) for job in made.values()]
    failed = [str(job.exception()) for job in done if job.exception()]
    return failed, round(time.perf_counter() - started, 1)


def read(made):
    """The logs that there are of some jobs."""
    paths = [Path(job["log"]) for job in made.values()]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def main():
    """Train what is missing, then report on all."""
    options = arguments()
    made = jobs(options)
    processes = options.processes or (len(made) if options.together else os.cpu_count())
    if options.fit:
        probe = jobs(argparse.Namespace(**{**vars(options), "epochs": 1}))
        failed, _ = train_all(probe, processes)
        if failed:
            sys.exit("\n".join(failed))
        seconds = max(log["epochs"][0]["seconds"] for log in read(probe))
        options.epochs = max(1, min(options.epochs, int(options.fit / seconds)))
        print(f"an epoch takes {seconds} s: {options.epochs} epochs", flush=True)
        made = jobs(options)
    failed, seconds = train_all(made, processes)
    output = options.work / "quick" if options.quick else options.output
    report.write(output, read(made), processes, seconds, options.quick)
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
