"""What each process of a run is told: what to train, on what, after whom and where to write."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.paper_pbd import rows
from benchmarks.paper_pbd.training import Schedule

QUICK = ("dense", "nlq-4-8", "tlq-4-8", "nlq-4-8-from-dense-distilled")


def jobs(options):
    """One for each task, by its name; teachers come before their students."""
    schedule = Schedule(
        epochs=options.epochs, learning_rate=options.rate, decay=options.decay,
        dropout=tuple(options.dropout), tied=bool(options.tied), lstm_factor=options.lstm_factor,
    )  # fmt: skip
    chosen, seeds = options.rows, options.seeds
    if options.quick:
        schedule, chosen, seeds = replace(schedule, epochs=2), QUICK, [1]
    tasks = rows.tasks(chosen, seeds, options.together)
    tasks.sort(key=lambda task: rows.way(task) is not None)
    return {task.name: job_of(task, options, schedule) for task in tasks}


def job_of(task, options, schedule):
    """What the process of one task is told."""
    job = {
        "name": task.name, "models": task.models, "schedule": asdict(schedule),
        "data": str(options.data), "text": options.text and str(options.text),
        "device": options.device, "quick": options.quick, "threads": 1,
    }  # fmt: skip
    # where data and work lie does not change what is trained
    what = {key: job[key] for key in ("models", "schedule", "device", "quick")}
    what["text"] = job["text"] and Path(job["text"]).name
    way = rows.way(task)
    if way:
        seeds = [seed for _, seed in task.models]
        (taught,) = rows.tasks([rows.TEACHER], seeds, options.together)
        taught = job_of(taught, options, schedule)
        job["teacher"] = {key: taught[key] for key in ("name", "models", "checkpoint", "identity")}
        what["teacher"] = taught["identity"]
        if way.distilled:
            what["distillation"] = job["distillation"] = options.distillation
    job["identity"] = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
    place = options.work / f"{task.name}-{job['identity']}"
    job["checkpoint"], job["log"] = f"{place}.pt", f"{place}.json"
    return job
