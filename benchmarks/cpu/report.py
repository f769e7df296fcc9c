"""From measurements to figures with verdicts; `tables` has them for people."""

import results

from cpu import fashion, floor, overhead, ratios, variants
from cpu.peers import torch_float
from cpu.run import BATCHES

GIGA, KILO = 1e9, 1e3
# (shape, batch): by variant, how many times faster than the fastest peer, with one thread
GOALS = {
    ("small", 1): {variants.SVD_P8: 11, variants.BLOCKS: 7, variants.DENSE: 1.2},
    ("large", 1): {variants.SVD_P8: 8.5},
    ("single", 1): {variants.SVD_P8: 12, variants.DENSE: 1.2},
    ("small", BATCHES[-1]): {variants.SVD_P8: 1.0},
    ("large", BATCHES[-1]): {variants.SVD_P8: 1.0},
    ("single", BATCHES[-1]): {variants.SVD_P8: 1.0},
}


def figures(measured):
    """All figures of a `run.Outcome`, those with goals first."""
    return [
        *speed(measured),
        *overheads(measured),
        *surroundings(measured),
        *_times(measured),
    ]


def speed(measured):
    """How many times faster than the fastest peer each of ours is; those with a goal first."""
    found = []
    for table in measured.measurements:
        for name in table.ours:
            ratio, interval = table.ratio(name)
            wall, _ = ratios.pairwise(table.times[table.fastest_peer].wall, table.times[name].wall)
            goal = table.threads == 1 and GOALS.get((table.shape, table.batch), {}).get(name)
            verdict = (f">= {goal:g}", ratio >= goal) if goal else ()
            found.append(
                results.figure(
                    f"{table.title}: {name} against {table.fastest_peer}",
                    ratio,
                    "x",
                    *verdict,
                    interval_95=interval,
                    wall_ratio=wall,
                )
            )
    return sorted(found, key=lambda entry: "goal" not in entry)


def overheads(measured):
    """What public calls add to the bare kernels."""
    found = []
    for shape, times in measured.overheads.items():
        for name in times.public:
            added, interval = times.added(name)
            found.append(
                results.figure(
                    f"{shape}: added by {name}",
                    added,
                    "us",
                    f"<= {overhead.GOAL:g}",
                    added <= overhead.GOAL,
                    interval_95=interval,
                    minimum=float(times.public[name].min() - times.bare[name].min()),
                )
            )
    return found


def surroundings(measured):
    """Accuracies, floors, and the machine's limits."""
    return [*_accuracies(measured), *_floors(measured), *_limits(measured.limits)]


def _times(measured):
    return [
        results.figure(
            f"{table.title}: {name}",
            table.time(name),
            "us",
            **ratios.summary(table.rounds(name)),
            wall_median=ratios.summary(table.times[name].wall)["median"],
            max_error=table.competitors[name].error,
            weights_kilobytes=table.competitors[name].weight_bytes / KILO,
        )
        for table in measured.measurements
        for name in table.ranking
    ]


def _accuracies(measured):
    """With the time of one image beside each; that of the float network is PyTorch's."""
    times = {
        name: table.time(name)
        for table in measured.measurements
        if table.shape == fashion.NAME
        for name in table.times
    }
    times[fashion.FLOAT] = times.get(torch_float.PEER.name)
    return [
        results.figure(
            f"accuracy on Fashion-MNIST: {name}",
            found.percent,
            "%",
            interval_95=found.interval,
            microseconds=times.get(name),
        )
        for name, found in measured.accuracies.items()
    ]


def floors(measured):
    """`(Measurement, name, Floor)` of each of ours with one sequence and one thread."""
    shapes = {subject.shape.name: subject.shape for subject in measured.subjects}
    return [
        (table, variant.name, floor.floor(shapes[table.shape], variant.method, measured.limits))
        for table in measured.measurements
        if table.shape in shapes and (table.batch, table.threads) == (1, 1)
        for variant in variants.of_shape(shapes[table.shape])
        if variant.name in table.times
    ]


def _floors(measured):
    found = []
    for table, name, lowest in floors(measured):
        minimum = ratios.summary(table.rounds(name))["minimum"]
        found.append(
            results.figure(
                f"{table.shape}: floor of {name}",
                lowest.total,
                "us",
                parts=dict(vars(lowest)),
                minimum=minimum,
                minimum_over_floor=minimum / lowest.total,
            )
        )
    return found


def _limits(found):
    reads = [
        results.figure(f"one core reads {kilobytes} KiB again and again", rate / GIGA, "GB/s")
        for kilobytes, rate in found.read.items()
    ]
    return [
        *reads,
        results.figure("one core, float32 multiply-adds", found.float_macs / GIGA, "GMAC/s"),
        results.figure(
            f"one core, int8 multiply-adds, {found.int8_instruction}",
            found.int8_macs / GIGA,
            "GMAC/s",
        ),
        results.figure("one core, int8 multiply-adds, AMX", found.amx_macs / GIGA, "GMAC/s"),
        results.figure("one core, sigmoids of int16", found.sigmoids / GIGA, "G/s"),
        results.figure("clock of one core", found.clock / GIGA, "GHz"),
    ]


def left_out(measured):
    """Who is missing where: a dict of reasons to lists of "name (table)"."""
    reasons = {}
    for table in measured.measurements:
        for name, reason in table.left_out.items():
            reasons.setdefault((name, reason), []).append(table.title)
    every = len(measured.measurements)
    found = {
        f"{name} ({'everywhere' if len(titles) == every else '; '.join(titles)})": reason
        for (name, reason), titles in reasons.items()
    }
    return {**measured.left_out, **found}
