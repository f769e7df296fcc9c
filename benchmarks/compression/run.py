"""``python -m benchmarks.compression.run``: every row of every network, into docs/results.

An interrupted run goes on where it stopped when the same command is given again.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks import results
from benchmarks.compression import report, rows

DATA = results.ROOT.parent / "shared" / "data"
QUICK_SHARE, QUICK_EXAMPLES = 4.2, 120


def arguments(given=None):
    """Of the command line."""
    parser = argparse.ArgumentParser(description="Compression with fine-tuning, side by side.")
    parser.add_argument("--data", type=Path, default=DATA,
                        help="folder of the two data sets")  # fmt: skip
    parser.add_argument("--networks", nargs="+", default=list(rows.SETS), choices=rows.SETS)
    parser.add_argument("--rows", nargs="+", default=list(rows.ROWS), choices=rows.ROWS)
    parser.add_argument("--shares", nargs="+", type=float, default=list(rows.SHARES),
                        choices=rows.SHARES, metavar="PERCENT")  # fmt: skip
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--work", type=Path, default=results.ROOT / "build" / "compression",
                        help="folder of logs and checkpoints")  # fmt: skip
    parser.add_argument("--output", default="bench_compression",
                        help="name in docs/results, or a path")  # fmt: skip
    parser.add_argument("--quick", action="store_true",
                        help="one epoch on a few examples of two networks, for CI")  # fmt: skip
    parser.add_argument("--report", action="store_true",
                        help="train nothing, report on what is trained")  # fmt: skip
    options = parser.parse_args(given)
    options.limit = QUICK_EXAMPLES if options.quick else None
    if options.quick:
        options.seeds, options.shares = options.seeds[:1], [QUICK_SHARE]
        options.networks = [name for name in options.networks if "ordinary" not in name]
    return options


def jobs(options):
    """What is to be measured, in the order of `rows`, the seeds of a row one after another."""
    return [
        job(options, name, row, share, seed)
        for name in options.networks
        for row in rows.SETS[name].rows if row in options.rows
        for share in ([rows.WHOLE] if rows.ROWS[row].control else options.shares)
        for seed in options.seeds
    ]  # fmt: skip


def job(options, name, row, share, seed):
    """One measurement, with the places of its log and checkpoint."""
    known = rows.SETS[name]
    told = {"set": name, "row": row, "share": share, "seed": seed}
    asked = rows.settings(name, row, share, dense_words=10**6)
    what = json.dumps([told, asked, known.epochs, options.quick, *known.recipe], default=str)
    place = options.work / f"{name}-{row}-{share:g}-{seed}".replace(" ", "_")
    place = f"{place}-{hashlib.sha256(what.encode()).hexdigest()[:10]}"
    return {**told, "log": f"{place}.json", "checkpoint": f"{place}.pt"}


def run(job, options):
    """Measure one job on one thread, unless that was done before."""
    import torch

    from benchmarks.compression.measure import measure

    path = Path(job["log"])
    if path.exists():
        return
    torch.set_num_threads(1)
    begin = time.perf_counter()
    task = rows.SETS[job["set"]].make(options, job["seed"])
    found = measure(task, job["set"], job["row"], job["share"], job["seed"], job["checkpoint"],
                    epochs=1 if options.quick else None)  # fmt: skip
    seconds = round(time.perf_counter() - begin, 1)
    machine = f"{results.processor()}, PyTorch {torch.__version__}"
    log = {**{k: job[k] for k in ("set", "row", "share", "seed")}, "found": found,
           "seconds": seconds, "machine": machine}  # fmt: skip
    results.replace(path, (json.dumps(log) + "\n").encode())
    Path(job["checkpoint"]).unlink(missing_ok=True)


def read(made):
    """The logs that there are."""
    paths = [Path(job["log"]) for job in made]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def measure_all(made, options):
    """Run the jobs, several side by side; each process loads the data it needs."""
    from tqdm import tqdm

    if options.processes == 1:
        for job in tqdm(made, unit="model", disable=None):
            run(job, options)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=context) as pool:
        waiting = [pool.submit(run, job, options) for job in made]
        try:
            for done in tqdm(as_completed(waiting), total=len(made), unit="model", disable=None):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def write(output, made, options, seconds=None):
    """Write the figures, and print them."""
    logs = read(made)
    found = report.figures(logs)
    conditions = {
        "threads of a model": 1,
        "epochs": {name: rows.SETS[name].epochs for name in options.networks},
        "learning rate": {name: rows.SETS[name].rate for name in options.networks},
        "interval": "paired, normal over the test examples, of the mean over seeds, whose spread "
        "(standard deviation) is told beside it and is not in it",
    }
    machines = sorted({log["machine"] for log in logs if "machine" in log})
    if machines:  # logs of another machine can be reported on here
        conditions["models tuned on"] = machines
    if seconds is not None:
        conditions |= {"processes": options.processes, "wall seconds of this run": seconds}
    if len(logs) < len(made):
        conditions["models missing"] = len(made) - len(logs)
    if options.quick:
        found = [{k: v for k, v in f.items() if k not in ("goal", "verdict")} for f in found]
        document = {"name": "quick", "figures": found, "conditions": conditions}
        results.replace(options.work / "quick.json", (json.dumps(document) + "\n").encode())
    else:
        results.write(output, found, conditions)
    for figure in found:
        verdict = f"  {figure['goal']}: {figure['verdict']}" if "goal" in figure else ""
        print(f"{figure['figure']}: {figure['value']} {figure['unit']}{verdict}")


def main(given=None):
    """Measure what is missing, then report on all."""
    options = arguments(given)
    made = jobs(options)
    options.work.mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    if not options.report:
        # one model that trains the ordinary network for all
        first = [job for job in made if job["set"] == "ordinary Fashion-MNIST"][:1]
        measure_all(first, options)
        measure_all(made, options)
    seconds = None if options.report else round(time.perf_counter() - begin, 1)
    write(options.output, made, options, seconds)


if __name__ == "__main__":
    main()
