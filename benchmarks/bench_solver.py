"""Block coordinate descent: seconds for two full LSTMs, how far it is from its end, its errors.

The matrices of the table are those of `weight_error`; its goals are what an independent
implementation of the descent reaches in float from greedy components, in at most 40 sweeps.
Ours has u and v on the 8-bit grid, and starts from separate SVDs, too. Accuracies are those of
the budgets of the demonstration, each with both solvers. How far it is from its end is measured
on what `joint.approximate` returns, and what the greedy solver makes stands beside.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

import compression_time
import numpy as np
import results
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from pynq_lstm import Layer, Network, compress, load
from pynq_lstm.compression import forms, gates, joint, svd
from pynq_lstm.compression.descent import descend
from pynq_lstm.compression.factors import Factors, rounded
from pynq_lstm.compression.options import SOLVERS, PartOptions, SvdOptions, Sweeping, Tiles
from pynq_lstm.compression.part_options import PER_GATE, STACKED
from pynq_lstm.compression.separate import separate
from pynq_lstm.compression.weights import gate_problems
from pynq_lstm.examples import budgets, fashion_mnist, pareto
from pynq_lstm.examples.intervals import wilson
from pynq_lstm.model import PARTS

sys.path.insert(0, str(results.ROOT / "tests"))
import example_matrices as examples

SEED, REFINEMENTS = compression_time.SEED, compression_time.REFINEMENTS
RANKS = (2, 4, 8, 16)  # of the shipped network
SECONDS, HOPED, EXCESS = 30, 10, 0.005
CONVERGED = Sweeping(300, 1e-6)
TILINGS = {"no tiles": {}, "tiles": compression_time.CASES[list(compression_time.CASES)[1]]}


def independent():
    """Two LSTMs whose matrices have decaying spectra and nothing in common."""
    random = np.random.default_rng(SEED)
    return Network((compression_time.layer(random), compression_time.layer(random)))


def alike():
    """Two LSTMs that share most: the second is the first, half of its energy replaced."""
    first, other = independent().layers
    half = np.float32(np.sqrt(0.5))
    mixed = (half * (getattr(first, n) + getattr(other, n)) for n in ("w_ih", "w_hh"))
    return Network((first, Layer(*mixed, first.bias)))


def timed(network, options):
    """The eight gate problems as `compress` solves them.

    Returns
    -------
    Run
    """
    provenance, before = {}, machine_seconds()
    begin, busy = time.perf_counter(), time.process_time()
    with threadpool_limits(limits=1):  # as `compress` does; gates run side by side
        parts = gates.components(network, options, None, False, provenance)
    seconds, busy = time.perf_counter() - begin, time.process_time() - busy
    others = None if before is None else max(machine_seconds() - before - busy, 0.0)
    return Run(seconds, busy, others, relative_error(network, parts), provenance)


@dataclass(frozen=True)
class Run:
    """Seconds, processor seconds of this and of all other work, error, and what is told."""

    seconds: float
    busy: float
    others: Optional[float]
    error: float
    told: dict


def machine_seconds():
    """Processor seconds of all processes since the start of the machine; None but on Linux."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    except OSError:
        return None
    user, nice, system, _, _, irq, soft, steal = map(int, fields[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def relative_error(network, parts):
    """Squared error of components over the energy of all weights."""
    lost = energy = 0.0
    for side in PARTS:
        (weights,) = forms.problems(gate_problems(network, side), STACKED)
        part = parts[side]
        u, v = part.u.astype(np.float32), part.v.reshape(len(part.v), -1).astype(np.float32)
        lost += Factors(u, v, part.s).error(weights)
        energy += (weights.astype(np.float64) ** 2).sum()
    return lost / energy


def converged(gate, part, bits=8):
    """Errors on the grid, as shares, of descents from greedy and from separate components.

    Neither is ended early by the other, and both go on as long as `CONVERGED` says.
    """
    unit, _ = svd.scaled(gate)
    tiles, whole = (part.u, part.v), (unit.astype(np.float64) ** 2).sum()
    greedy = svd.rough(unit, part, bits)
    coded = Factors(greedy.u.astype(np.float32), greedy.v.astype(np.float32), greedy.s)
    floating, _ = separate(unit, tiles, bits, Sweeping(), lambda count: None, part.refinements)
    found = []
    for start in (coded, floating):
        end, _ = descend(unit, start, tiles, bits, CONVERGED)
        end, _ = descend(unit, rounded(end, bits), tiles, bits, CONVERGED, on_grid=True)
        found.append(end.error(unit) / whole)
    return found


def reached(gate, part):
    """Energy of a gate, the error of `joint.approximate`, and those of `converged`, as shares."""
    found = joint.approximate(gate, part, 8, Sweeping())
    energy = float((gate.astype(np.float64) ** 2).sum())
    return energy, found.components.error, *converged(gate, part)


def speed_figures(bar):
    """Seconds of each network and tiling, greedy components beside, and how far from the end."""
    figures = []
    for name, network in (("independent", independent()), ("alike", alike())):
        for tiling, given in TILINGS.items():
            options = SvdOptions(refinements=REFINEMENTS, solver="bcd", **given)
            what = f"two LSTMs I=1024 H=512, R=64 a gate, {name}, {tiling}"
            runs = []
            for more in ({}, {"careful": True}, {"solver": "greedy"}):
                runs.append(timed(network, replace(options, **more)))
                bar.update()
            bar.write(f"{what}: {runs[0].seconds:.1f} s")
            figures += _of_runs(what, *runs)
            for side in PARTS:
                figures.append(_of_ends(network, options, side, f"{name}, {tiling}"))
                bar.update()
    return figures


def _of_runs(what, run, careful, greedy):
    """Seconds against both limits; errors against that of the greedy solver."""
    found = [
        results.figure(
            f"BCD from both starts, {what}",
            run.seconds,
            "s",
            f"< {SECONDS}",
            run.seconds < SECONDS,
            processor_seconds=run.busy,
            others_processor_seconds=run.others,
            greedy_start_error=run.told["relative error of greedy components"],
            sharing=run.told["sharing"],
        ),
        results.figure(
            f"the same, the time hoped for, {what}",
            run.seconds,
            "s",
            f"< {HOPED}",
            run.seconds < HOPED,
        ),
    ]
    for name, one in (("BCD", run), ("BCD, careful=True", careful)):
        found.append(
            results.figure(
                f"relative error of {name}, {what}",
                one.error,
                "",
                f"<= {greedy.error:.4f}, that of the greedy solver",
                one.error <= greedy.error,
                greedy_error=greedy.error,
                seconds=one.seconds,
                greedy_seconds=greedy.seconds,
                others_processor_seconds=one.others,
            )
        )
    return found


def _of_ends(network, options, side, what):
    """How far the four gates of a part are from convergence, together and each."""
    problems = gate_problems(network, side)
    parts = options.lists(side, *problems.shape[1:])[PER_GATE]
    with threadpool_limits(limits=1), ThreadPoolExecutor(os.cpu_count()) as pool:
        energy, here, *ends = map(np.array, zip(*pool.map(reached, problems, parts)))
    least = np.minimum(*ends)
    over = float(energy @ here / (energy @ least) - 1)
    return results.figure(
        f"error over the converged error, four {side} gates, {what}",
        100 * over,
        "%",
        f"<= {100 * EXCESS}",
        over <= EXCESS,
        each_gate=[f"{100 * one:.2f} %" for one in here / least - 1],
        converged_from_greedy=[round(one, 5) for one in ends[0].tolist()],
        converged_from_separate=[round(one, 5) for one in ends[1].tolist()],
    )


def error_figures(bar):
    """Relative errors at 8 and 4 bits, of the greedy solver, and of components not shared."""
    figures, pairs = [], examples.measured_pairs()
    for (data, refinements), goals in examples.JOINT_ERRORS.items():
        for tiles, goal in zip(examples.TILES, goals):
            part = PartOptions(
                refinements, *(Tiles(examples.TILE, zero) for zero in examples.TILES[tiles])
            )
            with threadpool_limits(limits=1):
                eight, four = (
                    joint.approximate(pairs[data], part, bits, Sweeping()) for bits in (8, 4)
                )
                greedy = svd.approximate(pairs[data], part, 8).error
            error = eight.components.error
            figures.append(
                results.figure(
                    f"relative error, {data}, R = {refinements}, tiles {tiles}",
                    error,
                    "",
                    f"<= {goal:.4f}",
                    round(error, 4) <= goal,
                    greedy_error=greedy,
                    separate_error=eight.separate,
                    error_at_4_bits=four.components.error,
                )
            )
            bar.update()
    return figures


def accuracy_figures(bar):
    """Percent of the test images that the shipped network gets right, with each solver."""
    figures, task = [], pareto.Task(*fashion_mnist.test_set())
    for budget in budgets.budgets(RANKS):
        found = {}
        for solver in SOLVERS:
            model = compress(
                task.network,
                calibration=fashion_mnist.calibration(),
                progress=False,
                solver=solver,
                **budget.options,
            )
            with load(model) as session:
                found[solver] = task.accuracy(session.infer_logits), model
        (value, model), (greedy, greedy_model) = found["bcd"], found["greedy"]
        figures.append(
            results.figure(
                f"accuracy, {budget.name}, R = {budget.options['refinements']}",
                value,
                "%",
                accuracy_interval_95=wilson(
                    round(value / 100 * len(task.labels)), len(task.labels)
                ),
                greedy_accuracy=greedy,
                relative_error=model.provenance["relative weight error"],
                greedy_error=greedy_model.provenance["relative weight error"],
            )
        )
        bar.update()
    return figures


def main():
    """Measure and write docs/results/bench_solver.json."""
    with tqdm(total=18 + len(budgets.budgets(RANKS)) + 4 * 5, desc="solver", disable=None) as bar:
        figures = error_figures(bar) + accuracy_figures(bar) + speed_figures(bar)
    results.write(
        "bench_solver",
        figures,
        {
            "matrices": "2 x 256 x 128 for errors",
            "seed": SEED,
            "bits": 8,
            "converged": f"the better of descents from both starts, each of {CONVERGED.sweeps} "
            f"sweeps, and as many on the grid, or {CONVERGED.tolerance:g} a sweep",
            "others": "processor seconds that other work of the machine took meanwhile",
            "tiles": "A, B: 8, 16 of 32 u tiles and 2, 8 of 16 v tiles absent; of the LSTMs half "
            "of the u tiles, one eighth of the v tiles",
        },
    )


if __name__ == "__main__":
    main()
