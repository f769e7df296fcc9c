"""From the logs of all jobs to figures: accuracies, paired drops and the verdicts."""

import statistics

import numpy as np

from benchmarks import results
from benchmarks.compression import rows

SEEDS = 3  # that a verdict takes


def figures(logs):
    """One figure for each network, row and share, then the goals and the time.

    Parameters
    ----------
    logs : list of dict
        What `job` wrote: "set", "row", "share", "seed", and "found" of `measure.measure`.

    Returns
    -------
    list of dict
    """
    groups = {}
    for log in logs:
        if log["found"] is not None:
            groups.setdefault((log["set"], log["row"], log["share"]), []).append(log)
    order = [
        (s, r, share) for s in rows.SETS for share in (*rows.SHARES, rows.WHOLE) for r in rows.ROWS
    ]
    made = [_row(*key, groups[key]) for key in order if key in groups]
    made += [figure for name in rows.SETS for figure in _goals(name, groups)]
    exported = [log for log in logs if log["found"] and not rows.ROWS[log["row"]].control]
    differences = [simulation(log["found"]) for log in exported]
    if differences:
        made.append(
            results.figure(
                "exported integers less what training simulates, mean accuracy",
                round(statistics.mean(differences), 3),
                "points",
                largest=round(max(map(abs, differences)), 2),
                models=len(differences),
            )
        )
    seconds = sum(log["seconds"] for log in logs)
    made.append(results.figure("all models, one after another", round(seconds / 60, 1), "minutes"))
    return made


def bits(text):
    """A string of 0 and 1 as float64."""
    return np.frombuffer(text.encode(), np.uint8).astype(np.float64) - ord("0")


def drop(found, kind="tuned"):
    """Points that are lost to the float network, and half the width of their 95 % interval.

    Paired: each test example has one difference, the mean over the seeds of what the float
    network and the model made of it; the interval is the normal one over the examples. How far
    the seeds are apart is not in it: `by_seed`.

    Parameters
    ----------
    found : list of dict
        Of `measure.measure`, one for each seed.
    kind : str
        "tuned", "raw" or "simulated".
    """
    lost = np.mean([bits(f["right"]["float"]) - bits(f["right"][kind]) for f in found], axis=0)
    reach = 1.96 * lost.std(ddof=1) / len(lost) ** 0.5
    return 100 * float(lost.mean()) + 0.0, 100 * float(reach)


def by_seed(logs):
    """The drop of each seed, in their order, and the standard deviation of those, if several.

    Parameters
    ----------
    logs : list of dict
        Of one row, as `figures` takes them.

    Returns
    -------
    dict
        Of fields of a figure, in points.
    """
    drops = [drop([log["found"]])[0] for log in sorted(logs, key=lambda log: log["seed"])]
    told = {"drops_by_seed": [round(one, 2) + 0.0 for one in drops]}
    if len(drops) > 1:
        told["spread_of_seeds"] = round(statistics.stdev(drops), 2)
    return told


def simulation(found):
    """Accuracy of the integers less that of the module they were exported from, points."""
    return 100 * float((bits(found["right"]["tuned"]) - bits(found["right"]["simulated"])).mean())


def _row(name, row, share, logs):
    found = [log["found"] for log in logs]
    lost, reach = drop(found)

    def accuracy(kind):
        return round(100 * statistics.mean(bits(f["right"][kind]).mean() for f in found), 2)

    more = {}
    if not rows.ROWS[row].control:
        more = {
            "accuracy_raw": accuracy("raw"),
            "parameters_percent": round(statistics.mean(f["share"] for f in found), 2),
            "relative_error_raw": round(statistics.mean(f["relative error"] for f in found), 4),
        }
    return results.figure(
        f"{name}, at most {share:g} %: {row}" if more else f"{name}: {row}",
        round(lost, 2) + 0.0,  # no -0
        "points",
        drop_interval_95=[round(lost - reach, 2), round(lost + reach, 2)],
        **by_seed(logs),
        accuracy_float=accuracy("float"),
        accuracy_tuned=accuracy("tuned"),
        validation_tuned=round(validation(logs), 2),
        seeds=len(logs),
        tuning_seconds=round(statistics.mean(f["tuning seconds"] for f in found), 1),
        **more,
    )


def validation(logs):
    """Mean accuracy of the tuned models on the validation split, percent."""
    return statistics.mean(log["found"]["validation"]["tuned"] for log in logs)


def _goals(name, groups):
    """The drops that have a goal: of the row that was best on the validation split.

    Of rows that share u and v, and of those that have all seeds where any has.
    """
    for share, limit in rows.LIMITS.items():
        shared = {
            row: groups[key]
            for row in rows.ROWS
            if not rows.ROWS[row].alone and (key := (name, row, share)) in groups
        }
        if not shared:
            continue
        whole = {row: logs for row, logs in shared.items() if len(logs) >= SEEDS}
        shared = whole or shared  # a row that lacks a seed stands back
        best = max(shared, key=lambda row: validation(shared[row]))
        lost, reach = drop([log["found"] for log in shared[best]])
        judged = len(shared[best]) >= SEEDS and rows.SETS[name].goal
        yield results.figure(
            f"{name}, at most {share:g} % of the parameters: drop",
            round(lost, 2) + 0.0,  # no -0
            "points",
            *((f"<= {limit:g}", round(lost, 2) <= limit) if judged else ()),
            drop_interval_95=[round(lost - reach, 2), round(lost + reach, 2)],
            **by_seed(shared[best]),
            row_best_on_validation=best,
        )
