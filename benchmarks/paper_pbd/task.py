"""Train one task from where it stopped: ``python -m benchmarks.paper_pbd.task <task.json>``.

The file says what to train, on what and where to write; `run` makes it and starts this.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.paper_pbd import rows, text
from benchmarks.paper_pbd.teacher import Teacher
from benchmarks.paper_pbd.training import Schedule, Training
from benchmarks.results import replace
from pynq_lstm.compression.fine_tuning import checkpoint


def corpus(job):
    """The text of a job, shortened for ``--quick``."""
    read = text.any_text if job["text"] else text.wikitext2
    found = read(job["text"] or job["data"])
    if job["quick"]:
        parts = (part[:6000] for part in (found.train, found.validation, found.development))
        found = text.Corpus(*parts, vocabulary=found.vocabulary)
    return found


def teacher_of(job, task, vocabulary, schedule):
    """The trained networks that a task needs, one for each of its models."""
    told = job["teacher"]
    known = list(map(tuple, told["models"]))
    wanted = tuple((rows.TEACHER, seed) for _, seed in task.models)
    models = rows.make(rows.Task(rows.TEACHER, wanted), vocabulary, schedule)
    places = [known.index(model) for model in wanted]
    found = Teacher(models.to(job["device"]), places, schedule.epochs, job.get("distillation", 0))
    return found.load(told["checkpoint"], told["identity"])


def main():
    """Train, writing the log after every epoch."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    torch.set_num_threads(job["threads"])
    torch.backends.cuda.matmul.allow_tf32 = True  # of the output layer; a Direction does without
    schedule = Schedule(**{**job["schedule"], "dropout": tuple(job["schedule"]["dropout"])})
    task = rows.Task(job["name"], tuple(map(tuple, job["models"])))
    device = torch.device(job["device"])
    words = corpus(job).to(device)
    models = rows.make(task, words.vocabulary, schedule)
    way, teacher = rows.way(task), None
    if way is not None:
        teacher = teacher_of(job, task, words.vocabulary, schedule)
        if way.start:
            teacher.start(models)
        if not way.distilled:
            teacher = None
    training = Training(models.to(device), words, schedule, teacher=teacher)
    kept = Path(job["checkpoint"])
    checkpoint.resume(kept, training, job["identity"])
    while training.epoch < schedule.epochs:
        figures = training.run_epoch()
        checkpoint.save(kept, training, job["identity"])
        log = {
            "name": task.name, "models": task.models, "schedule": asdict(schedule),
            "device": _name(device), "torch": torch.__version__, "epochs": training.log,
        }  # fmt: skip
        if "distillation" in job:
            log["distillation"] = job["distillation"]
        replace(Path(job["log"]), json.dumps(log).encode())
        best = min(figures["validation"])
        print(
            f"{task.name} epoch {training.epoch}: best {best:.2f}, {figures['seconds']} s",
            flush=True,
        )


def _name(device):
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


if __name__ == "__main__":
    main()
