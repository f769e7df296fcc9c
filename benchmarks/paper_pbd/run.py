"""``python -m benchmarks.paper_pbd.run``: Table I with three seeds, into docs/results.

An interrupted run goes on where it stopped when the same command is given again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.paper_pbd import report, rows
from benchmarks.paper_pbd.jobs import jobs
from benchmarks.paper_pbd.training import Schedule
from benchmarks.results import ROOT

DATA = ROOT.parent / "shared" / "data"


def arguments():
    """Of the command line."""
    schedule = Schedule()
    parser = argparse.ArgumentParser(description="Table I of the block-diagonal paper.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of wt2_*.txt")
    parser.add_argument("--text", type=Path, help="train on this text file instead")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rows", nargs="+", default=list(rows.ROWS), choices=rows.ALL)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=schedule.epochs)
    parser.add_argument("--fit", type=float, metavar="SECONDS",
                        help="after one epoch to measure, as many as fit")  # fmt: skip
    parser.add_argument("--rate", type=float, default=schedule.learning_rate)
    parser.add_argument("--lstm-factor", type=float, default=schedule.lstm_factor)
    parser.add_argument("--decay", type=float, default=schedule.decay)
    parser.add_argument("--dropout", nargs=2, type=float, default=schedule.dropout)
    parser.add_argument("--tied", type=int, choices=(0, 1), default=int(schedule.tied))
    parser.add_argument("--distillation", type=float, default=0.5, metavar="WEIGHT",
                        help="of the teacher in the loss of distilled rows")  # fmt: skip
    parser.add_argument("--searched", type=Path,
                        help="take the schedule from this file")  # fmt: skip
    parser.add_argument("--processes", type=int, help="default: cores, or all tasks on cuda")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "paper_pbd",
                        help="folder of logs and checkpoints")  # fmt: skip
    parser.add_argument("--output", default="paper_pbd", help="name in docs/results, or a path")
    parser.add_argument("--quick", action="store_true", help="a few steps of four rows, for CI")
    parser.add_argument("--together", action="store_true",
                        help="models of one shape in one process; always on cuda")  # fmt: skip
    parser.add_argument("--report", action="store_true",
                        help="train nothing, report on what is trained")  # fmt: skip
    options = parser.parse_args()
    options.together |= options.device.startswith("cuda")
    if options.searched:
        best = json.loads(options.searched.read_text(encoding="utf-8"))["best"]
        for name in ("rate", "lstm_factor", "decay", "dropout", "tied"):
            setattr(options, name, best[name])
    return options


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
    """Run all tasks, students after their teachers; what went wrong, and how long it took."""
    started, done = time.perf_counter(), {}

    def train_after(job):
        teacher = done.get(job.get("teacher", {}).get("name"))
        if teacher is not None and teacher.exception():
            raise RuntimeError(f"{job['name']}: its teacher was not trained")
        train(job)

    with ThreadPoolExecutor(processes) as pool:
        for name, job in made.items():
            done[name] = pool.submit(train_after, job)
    failed = [str(job.exception()) for job in done.values() if job.exception()]
    return failed, round(time.perf_counter() - started, 1)


def read(made):
    """The logs that there are of some jobs."""
    paths = [Path(job["log"]) for job in made.values()]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def ended(made):
    """Of some jobs, those whose training is over."""
    return [log for log in read(made) if len(log["epochs"]) == log["schedule"]["epochs"]]


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
    output = options.work / "quick" if options.quick else options.output
    if options.report:
        report.write(output, ended(made), processes, None)
        return
    failed, seconds = train_all(made, processes)
    report.write(output, read(made), processes, seconds, options.quick)
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
