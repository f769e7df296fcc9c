"""``python -m benchmarks.paper_svd.run``: docs/results/paper_svd.json and its pictures.

Every way to cut tiles is measured by a process of its own. What is done is kept in build/paper_svd,
and an interrupted run goes on.
"""

import argparse
import json
import math
import multiprocessing
import numbers
import os
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

from tqdm import tqdm

from benchmarks import results
from benchmarks.paper_svd import pictures, points, report, tasks, times
from benchmarks.paper_svd.report import DEVICE
from pynq_lstm import baselines, compress, load

SOFTWARE_CALLS = 30
CALL_CYCLES = (0, 25)  # that a dense design loses a step; about what our kernels do


def arguments(given=None):
    """Of the command line."""
    parser = argparse.ArgumentParser(description="Figures of the first paper, ours beside its.")
    parser.add_argument("--work", type=Path, default=results.ROOT / "build" / "paper_svd")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--tasks", nargs="+", default=list(tasks.NAMES), choices=tasks.NAMES)
    parser.add_argument("--quick", action="store_true", help="two ranks of one task, for CI")
    return parser.parse_args(given)


def modelled(job):
    """Candidates of one task, system and tiling on designs, as JSON has them.

    Returns
    -------
    list of dict
        With "budget", the most DSPs.
    """
    name, system, tiling, quick = job
    task = tasks.make(name)
    ranks = task.ranks[-2:] if quick else task.ranks
    float_accuracy = task.accuracy and task.accuracy(task.network.infer_logits)
    found = points.of_network(
        system, task.network, task.tilings[tiling], ranks, task.accuracy, **task.ranges
    )
    rows = []
    for point in found:
        for budget in task.budgets:
            one = times.hardware(point, task.network, DEVICE, budget, float_accuracy)
            if one is not None:
                rows.append({**one.as_dict(), "budget": budget, "words": point.words})
    return rows


def dense_model(task):
    """The int8 dense model that LSTM-HW and LSTM-SW run, and what is known of it.

    Returns
    -------
    model : CompressedModel
    told : dict
        "value", "drop" and "mse" of a `Candidate`, measured; the first two None for sizes only.
    """
    model = compress(task.network, "dense", progress=False, **task.ranges)
    value = drop = None
    if task.accuracy is not None:
        with load(model, "cpu") as session:
            value = task.accuracy(session.infer_logits)
        drop = task.accuracy(task.network.infer_logits) - value
    return model, {"value": value, "drop": drop, "mse": model.provenance["weight mse"]}


def dense(task):
    """LSTM-HW within every budget, modelled: as a bound, and with the states around loops."""
    rows, (_, told) = [], dense_model(task)
    for budget, lost in product(task.budgets, CALL_CYCLES):
        one = baselines.lstm_hw(task.network, DEVICE, dsp=budget, call_cycles=lost)
        rows.append({**one.as_dict(), **told, "budget": budget})
    return rows


def software(task, quick):
    """LSTM-SW and SVDn-SW, measured here and estimated on the processor of the device."""
    model, of_dense = dense_model(task)
    float_accuracy = task.accuracy and task.accuracy(task.network.infer_logits)
    ranks = task.ranks[-1:] if quick else task.ranks
    ours = points.of_network(
        points.SVDN, task.network, task.tilings[0], ranks, task.accuracy, **task.ranges
    )
    rows = []
    for on in (None, DEVICE):
        one = baselines.lstm_sw(model, on, calls=SOFTWARE_CALLS)
        rows.append({**one.as_dict(), **of_dense})
        for point in ours:
            one = baselines.svdn_sw(point.models[0], on, calls=SOFTWARE_CALLS)
            rows.append(times.told(one, point, float_accuracy).as_dict())
    return rows


def check_finite(figures):
    """End the program where a number of a figure is NaN or infinite, and name them."""
    wrong = [f"{one['figure']}: {key} = {v}" for one in figures for key, v in not_finite(one)]
    if wrong:
        raise SystemExit("\n".join(["figures that are not finite:", *wrong]))


def not_finite(one):
    """Pairs of key and value of a figure; values are texts, None, numbers, and lists of these."""
    for key, value in one.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        if not all(math.isfinite(v) for v in values if isinstance(v, numbers.Real)):
            yield key, value


def _sources():
    """A name for the code that makes the points: what older code made is not taken."""
    return results.state_of("pynq_lstm", "benchmarks/paper_svd", more=results.processor())


def kept(path, make):
    """What `make` returns, from a file if it was made before."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    made = make()
    results.replace(path, (json.dumps(made) + "\n").encode())
    return made


def _modelled(work, job):
    return kept(work / f"{'-'.join(map(str, job))}.json".replace(" ", "_"), lambda: modelled(job))


def main(given=None):
    """Measure what is missing, then report on all; see `check_finite`."""
    options = arguments(given)
    if options.quick:
        options.work, options.tasks = options.work / "quick", options.tasks[:1]
    options.work /= _sources()
    options.work.mkdir(parents=True, exist_ok=True)
    jobs = [
        (name, system, k, options.quick)
        for name in options.tasks
        for system in points.SYSTEMS
        for k in range(1 if options.quick else tasks.TILINGS)
    ]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=context) as pool:
        waiting = [pool.submit(_modelled, options.work, job) for job in jobs]
        rows = {job: one.result() for job, one in zip(jobs, tqdm(waiting, disable=None))}
    figures, shown = [], {}
    for name in options.tasks:
        task = tasks.make(name)
        own = [row for job in jobs if job[0] == name for row in rows[job]] + dense(task)
        soft = kept(
            options.work / f"{name}-software.json".replace(" ", "_"),
            lambda task=task: software(task, options.quick),
        )
        figures += report.figures(task, own, soft)
        shown[name] = own, soft
    check_finite(figures)
    if options.quick:
        print(json.dumps(figures, indent=1, allow_nan=False))
        return
    results.write(
        "paper_svd", figures, {"device": DEVICE, "times on designs": "modelled, a step of both"}
    )
    pictures.draw(shown, results.RESULTS)


if __name__ == "__main__":
    main()
