"""Figures of a task: each claim of the slides with what the points here show beside it."""

import numpy as np

from benchmarks import results
from benchmarks.paper_svd import claims
from benchmarks.paper_svd.candidates import of_rows
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.plots.correlation import rank_correlation

DEVICE = "zcu104"
FLOAT_ACCURACY = "84.4 %"
FASTER, MORE_ACCURATE, SOFTWARE = "2 times", "4.5 times", "3.1 to 5.6 times"
NO_CORRELATION_ABOVE = 60  # points of drop: a network that guesses loses no more


def figures(task, rows, software):
    """All figures of a task.

    Parameters
    ----------
    task : Task
    rows : list of dict
        Candidates on designs, with "budget".
    software : list of dict

    Returns
    -------
    list of dict
    """
    height = "mse" if task.accuracy is None else "drop"
    found = []
    if task.accuracy is not None:
        accuracy = task.accuracy(task.network.infer_logits)
        found.append(
            results.figure(f"float accuracy, {task.name}", accuracy, "%", slides=FLOAT_ACCURACY)
        )
        found.append(_correlation(task.name, of_rows(rows)))
    for budget in task.budgets:
        within = [row for row in rows if row["budget"] == budget]
        name = f"{task.name}, at most {budget} DSPs"
        found += _fronts(name, of_rows(within), height)
        found += _fronts(f"{name}, weights streamed", of_rows(streamed(within)), height)
    return found + _software(task, of_rows(rows), of_rows(software), height)


def streamed(rows):
    """The same designs with nothing resident: their words come from memory in every step.

    LSTM-HW is left out: it streams what it has no room for as it is.
    """
    rate = Device.of(DEVICE).usable_bytes_a_second / 1e6  # bytes a microsecond; a word has one
    return [
        {**row, "microseconds": max(row["microseconds"], row["words"] / rate)}
        for row in rows
        if "words" in row
    ]


def _correlation(name, candidates):
    own = [c for c in candidates if c.engine in ("svdn", "svd1_hw")]  # the compressed ones
    models = {(c.engine, c.mse, c.drop) for c in own if c.mse > 0 and c.drop is not None}
    _, errors, drops = zip(*sorted(models))
    kept = np.array(drops) < NO_CORRELATION_ABOVE
    logs = np.log(np.array(errors))
    return results.figure(
        f"rank correlation of accuracy drop and MSE, {name}",
        rank_correlation(errors, drops),
        "",
        slides="a picture, no number",
        models=len(models),
        linear_with_log_mse=float(np.corrcoef(logs[kept], np.array(drops)[kept])[0, 1]),
    )


def _fronts(name, candidates, height):
    ours, others, dense = (
        [one for one in candidates if one.engine == engine]
        for engine in ("svdn", "svd1_hw", "lstm_hw")
    )
    if not ours or not others:
        held = ", ".join(sorted({one.engine for one in candidates})) or "none"
        return [results.figure(f"systems that fit, {name}", held, "")]
    median, largest = claims.time_ratio(ours, others, height)
    found = [
        results.figure(
            f"SVD1-HW's time over SVDn-HW's for no more {height}, {name}",
            median,
            "times",
            slides=FASTER,
            largest=largest,
            of="all points of SVD1-HW's front, median",
        )
    ]
    if height == "drop":
        found += _at_the_goal(name, ours, others, dense)
    else:
        found += _at_equal_error(name, ours, others, dense)
    return found


def _at_the_goal(name, ours, others, dense):
    own, other = (claims.fastest(side, claims.ALLOWED) for side in (ours, others))
    found = []
    if own is not None:
        found.append(_told(f"SVDn-HW, at most {claims.ALLOWED} points, {name}", own))
    if other is not None:
        found.append(_told(f"SVD1-HW, at most {claims.ALLOWED} points, {name}", other))
    if own is not None:
        drops = [
            (claims.least(side, own.microseconds), label)
            for side, label in ((ours, "svdn"), (others, "svd1"))
        ]
        found.append(
            results.figure(
                f"least drop within {own.microseconds:.3f} us, SVD1-HW, {name}",
                drops[1][0],
                "points",
                slides=f"SVDn-HW {MORE_ACCURATE} more accurate",
                svdn=drops[0][0],
            )
        )
    bound, *charged = dense or [None]
    if bound is not None:
        found.append(_told(f"LSTM-HW, no states around loops, {name}", bound))
    return found + [_told(f"LSTM-HW, with them, {name}", one) for one in charged]


def _at_equal_error(name, ours, others, dense):
    found = [_told(f"LSTM-HW, {name}", one) for one in dense[:1]]
    for label, side in (("SVDn-HW", ours), ("SVD1-HW", others)):
        points = claims.front(side, "mse")
        found.append(
            results.figure(
                f"{label}, least time of its front, {name}",
                points[0].microseconds,
                "us a step, modelled",
                front_us=[round(one.microseconds, 3) for one in points],
                front_mse=[float(f"{one.mse:.3g}") for one in points],
                front_dsp=[one.resources["dsp"] for one in points],
                front_bram36=[one.resources["bram36"] for one in points],
            )
        )
    return found


def _told(name, one):
    told = {key: one.options[key] for key in ("refinements", "engines") if key in one.options}
    return results.figure(
        name,
        round(one.microseconds, 4),
        "us a step, modelled",
        drop=one.drop,
        mse=one.mse,
        limit=one.limit,
        dsp=one.resources.get("dsp"),
        bram36=one.resources.get("bram36"),
        uram=one.resources.get("uram"),
        memory_bits=one.resources.get("memory_bits"),
        nanojoules=one.energy and round(one.energy, 1),
        **told,
    )


def _software(task, candidates, software, height):
    fastest = [one for one in candidates if one.engine == "svdn"]
    found = []
    for how, where in (("measured", "this processor"), ("modelled", "Cortex-A53, one core")):
        own = [one for one in software if one.how == how]
        dense = next(one for one in own if one.engine == "lstm_sw")
        ours = [one for one in own if one.engine == "svdn_sw"]
        unit = f"us a step, {how}"
        found.append(
            results.figure(
                f"LSTM-SW (int8), {task.name}, {where}",
                dense.microseconds,
                unit,
                drop=dense.drop,
                mse=dense.mse,
            )
        )
        limit = claims.ALLOWED if height == "drop" else np.inf
        best = claims.fastest(ours, limit, height)
        if best is None:
            continue
        found.append(
            results.figure(
                f"SVDn-SW, {task.name}, {where}",
                best.microseconds,
                unit,
                drop=best.drop,
                mse=best.mse,
                refinements=best.options["refinements"],
            )
        )
        same = [one for one in fastest if one.options["refinements"] == best.options["refinements"]]
        hardware = min(same, key=lambda one: (one.mse - best.mse) ** 2, default=None)
        if hardware is not None:
            found.append(
                results.figure(
                    f"SVDn-SW's time over SVDn-HW's (modelled), {task.name}, {where}",
                    best.microseconds / hardware.microseconds,
                    "times",
                    slides=f"{SOFTWARE}, on the Cortex-A53",
                    refinements=best.options["refinements"],
                )
            )
    return found
