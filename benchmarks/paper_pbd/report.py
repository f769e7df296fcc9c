"""From the logs of all tasks to docs/results/paper_pbd.json: the table, the goals, the curves."""

import json
import math
import statistics
from pathlib import Path

from benchmarks import results
from benchmarks.paper_pbd.rows import ALL, ROWS, TEACHER, WAYS, WIDTHS

GOAL = "nlq-4-8"  # the row that is held against the dense float network
AGAIN = "dense-again"  # and, of rows that start from it, against what as many steps make of it
SEEDS = 3  # that a verdict takes
HOURS = 3


def write(output, logs, processes, seconds, quick=False):
    """Write the figures and, beside them, the perplexity of every epoch.

    Parameters
    ----------
    output : str or Path
        A name in docs/results, or a path without its ending.
    logs : list of dict
        What the tasks wrote.
    processes : int
        That ran side by side.
    seconds : float, optional
        The whole run took; less where it went on from checkpoints.
    quick : bool
        A few steps only, of which no verdict is made.
    """
    chosen, validation = selected(logs)
    conditions = {
        "schedule": logs[0]["schedule"],
        "device": logs[0]["device"],
        "torch": logs[0]["torch"],
        "processes": processes,
    }
    if seconds is not None:
        conditions["wall seconds of this run"] = seconds
    weights = {log["distillation"] for log in logs if "distillation" in log}
    if weights:
        (conditions["distillation"],) = weights
    made = figures(chosen, validation) + times(logs)
    if quick:
        made = [{k: v for k, v in f.items() if k not in ("goal", "verdict")} for f in made]
    if not isinstance(output, Path) and "/" not in str(output):
        results.write(output, made, conditions)
        output = results.RESULTS / output
    else:
        report = {
            "name": Path(output).name,
            "figures": made,
            "conditions": conditions,
            "commit": results.commit(),
        }
        results.replace(Path(f"{output}.json"), (json.dumps(report, indent=1) + "\n").encode())
    results.replace(Path(f"{output}.csv"), curves(logs).encode())
    for figure in made:
        verdict = f"  {figure['goal']}: {figure['verdict']}" if "goal" in figure else ""
        print(f"{figure['figure']}: {figure['value']} {figure['unit']}{verdict}")


def selected(logs):
    """Perplexities of the epoch best on the validation slice.

    Returns
    -------
    dict
        {row: {seed: value}} of the development split.
    dict
        The same of the validation slice.
    """
    development, validation = {}, {}
    for log in logs:
        for k, (row, seed) in enumerate(log["models"]):
            best = min(log["epochs"], key=lambda epoch, k=k: _sortable(epoch["validation"][k]))
            development.setdefault(row, {})[seed] = best["development"][k]
            validation.setdefault(row, {})[seed] = best["validation"][k]
    return development, validation


def figures(chosen, validation):
    """One figure a row, and the goals where what they need was trained; of `selected`."""
    made = []
    for row in (row for row in ALL if row in chosen):
        values = list(chosen[row].values())
        made.append(
            results.figure(
                f"{row}, development perplexity",
                round(statistics.mean(values), 3),
                "",
                deviation=round(_deviation(values), 3),
                seeds=len(values),
                validation=round(statistics.mean(validation[row].values()), 3),
            )  # fmt: skip
        )
    made += _over_dense(chosen)
    for w, a in WIDTHS:
        pair = [chosen.get(f"{q}-{w}-{a}") for q in ("nlq", "tlq")]
        if all(pair):
            made.append(_against(w, a, *(list(values.values()) for values in pair)))
    return made


def _over_dense(chosen):
    """How far NLQ (4, 8) is above the dense network, each way that it was trained.

    A row that starts from the trained dense network is held against that one and, since it had
    two schedules, against what as many steps make of the dense network itself. Of the seeds that
    both have; fewer than three get no verdict.
    """
    pairs = [(GOAL, TEACHER, "NLQ (4, 8) over the dense float network")]
    for row, way in WAYS.items():
        if way.network == GOAL:
            pairs.append((row, TEACHER, f"{row} over the dense float network"))
            pairs += [(row, AGAIN, f"{row} over {AGAIN}")] * way.start
    made = []
    for row, other, name in pairs:
        seeds = set(chosen.get(row, ())) & set(chosen.get(other, ()))
        if seeds:
            means = [statistics.mean(chosen[r][seed] for seed in seeds) for r in (row, other)]
            share = round(100 * (means[0] / means[1] - 1), 2)
            goal = ("<= 1.0", share <= 1) if len(seeds) >= SEEDS else ()
            made.append(results.figure(name, share, "%", *goal, seeds=len(seeds)))
    return made


def _against(w, a, nlq, tlq):
    """NLQ beside TLQ; the noise is twice the standard error of the difference of the means."""
    difference = statistics.mean(nlq) - statistics.mean(tlq)
    error = math.sqrt(_deviation(nlq) ** 2 / len(nlq) + _deviation(tlq) ** 2 / len(tlq))
    return results.figure(
        f"({w}, {a}), NLQ less TLQ", round(difference, 3), "",
        "no worse beyond the noise", difference <= 2 * error, noise=round(2 * error, 3),
    )  # fmt: skip


def times(logs):
    """How long the rows of one seed take; with a goal on the CPU, where models run one by one."""
    seconds = sum(epoch["seconds"] for log in logs for epoch in log["epochs"])
    seeds = max(len({seed for _, seed in log["models"]}) for log in logs)
    models = {(row, seed) for log in logs for row, seed in log["models"]}
    rows, trained = ({model[k] for model in models} for k in (0, 1))
    share = seconds / (1 if seeds > 1 else len(trained)) / 3600
    device = logs[0]["device"]
    if device != "cpu":  # says nothing of the goal
        return [results.figure(f"all processes together, on {device}", round(share, 3), "h")]
    hours = round(share / 2, 2)
    if len(models) < len(rows) * len(trained):
        return []  # some rows lack a seed
    if rows != set(ROWS):  # nor do some of the rows
        return [results.figure(f"one seed of {len(rows)} rows on two cores", hours, "h")]
    goal = f"<= {HOURS}"
    return [results.figure("one seed of all rows on two cores", hours, "h", goal, hours <= HOURS)]


def curves(logs):
    """Every epoch of every model as CSV."""
    lines = ["row,seed,epoch,train,validation,development"]
    for log in logs:
        for k, (row, seed) in enumerate(log["models"]):
            for number, epoch in enumerate(log["epochs"], 1):
                values = [epoch[name][k] for name in ("train", "validation", "development")]
                lines.append(f"{row},{seed},{number}," + ",".join(f"{v:.3f}" for v in values))
    return "\n".join(lines) + "\n"


def _deviation(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def _sortable(value):
    return value if math.isfinite(value) else math.inf
