"""The models of cycles and of memory traffic beside the timed simulation of 100 random designs.

Every design is built once, its kernel loads a random plan that fits and runs it. What is done
lies in build/, by the state of the sources: an interrupted run goes on.
"""

import json
import sys
import tempfile

import numpy as np
import results
import timed_runs  # makes the helpers of the tests importable
from tqdm import tqdm

sys.path.insert(0, str(results.ROOT / "tests"))

import random_timing  # isort: skip
from random_designs import ENGINES  # isort: skip

SEEDS, MOST = range(100, 150), 512
GOAL = 5  # percent
SOURCES = (
    *("pynq_lstm/accelerator", "hls_src", "tools/dataflow"),
    *("tests/hls/random_timing.py", "tests/hls/timed_kernel.py"),
    *("tests/accelerator/random_designs.py", "tests/kernel/random_plans.py"),
    *("tests/kernel/kernel_runs.py", "tests/random_models.py", "tests/random_block_models.py"),
)
BASIS = "modelled, against a timed dataflow simulation under the same assumed latencies"
CYCLES = {"wave": "a wave in steady state", "run": "a RUN", "load": "a LOAD"}
BEATS = ("beats read", "beats written", "beats of a load")


def state_of_sources():
    """A hash of what the comparison depends on."""
    return results.state_of(*SOURCES)


def compare(seed, engine):
    """What models and simulation say of one design, as JSON takes it."""
    with tempfile.TemporaryDirectory() as folder:
        case = random_timing.Case(seed, engine, folder, MOST)
        found = random_timing.compared(case)
        bars = random_timing.apart(*random_timing.schedules(case))
    pairs = {name: [float(v) for v in pair] for name, pair in found.items()}
    return {"seed": seed, "engine": engine, **pairs, "bars": bars, "limit": case.limit}


def compared():
    """Those of all designs; what an interrupted run has done is taken from its file."""
    path = results.ROOT / "build" / f"cycles_model_{state_of_sources()}.jsonl"
    path.parent.mkdir(exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    done = {(row["seed"], row["engine"]): row for row in map(json.loads, lines)}
    cases = [(seed, engine) for seed in SEEDS for engine in ENGINES]
    for case in tqdm([case for case in cases if case not in done], desc="designs"):
        done[case] = compare(*case)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(done[case]) + "\n")
    return [done[case] for case in cases]


def differences(rows, name):
    """Percent by which what is modelled differs from what is simulated."""
    modelled, simulated = np.array([row[name] for row in rows]).T
    return 100 * np.abs(modelled / simulated - 1)


def cycle_figures(rows):
    """Cycles, by engine: largest difference, median, designs within the goal."""
    figures = []
    for engine in ENGINES:
        own = [row for row in rows if row["engine"] == engine]
        for name, what in CYCLES.items():
            apart = differences(own, name)
            figures.append(
                results.figure(
                    f"{engine}, cycles of {what}, largest difference",
                    float(apart.max()),
                    "%",
                    f"<= {GOAL}",
                    bool(apart.max() <= GOAL),
                    median=float(np.median(apart)),
                    designs=len(own),
                    simulated=[min(row[name][1] for row in own), max(row[name][1] for row in own)],
                    basis=BASIS,
                )
            )
    return figures


def all_figures(rows):
    """Designs within the goal, memory traffic, bars of a step."""
    within = sum(all(differences([row], name) <= GOAL for name in CYCLES) for row in rows)
    beats = max(float(differences(rows, name).max()) for name in BEATS)
    return [
        results.figure(
            f"designs whose wave, RUN and LOAD are within {GOAL} %",
            within,
            "designs",
            f"all {len(rows)}",
            within == len(rows),
            limits=limits(rows),
            basis=BASIS,
        ),
        *cycle_figures(rows),
        results.figure(
            "beats of memory of a RUN and of a LOAD, largest difference",
            beats,
            "%",
            "0",
            beats == 0,
            designs=len(rows),
            basis="modelled, against the beats that the simulation counts",
        ),
        results.figure(
            "starts and ends of the bars of a step, largest difference",
            max(row["bars"] for row in rows),
            "cycles",
            designs=len(rows),
            basis=BASIS,
        ),
    ]


def limits(rows):
    """How many designs are limited by what."""
    names = sorted({row["limit"] for row in rows})
    return {name: sum(row["limit"] == name for row in rows) for name in names}


def main():
    """Write docs/results/cycles_model.json."""
    figures = all_figures(compared())
    conditions = {
        "seeds": f"{SEEDS[0]} to {SEEDS[-1]}, of each engine",
        "inputs and hidden units": f"up to {MOST}",
        "simulation": timed_runs.__doc__,
    }
    results.write("cycles_model", figures, conditions)
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} {entry['unit']} {entry.get('verdict', '')}")


if __name__ == "__main__":
    main()
