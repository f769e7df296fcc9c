"""Block coordinate descent: seconds for two full LSTMs, how far it is from its end, its errors.

The matrices of the table are those of `weight_error`; its goals are what an independent
implementation of the descent reaches in float from greedy components, in at most 40 sweeps.
Ours has u and v on the 8-bit grid, and starts from separate SVDs, too. Accuracies are those of
the budgets of the demonstration, each with both solvers.
"""

import os
import sys
import time

import compression_time
import numpy as np
import results
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from pynq_lstm import Layer, Network, compress, load
from pynq_lstm.compression import gates, joint, svd
from pynq_lstm.compression.descent import descend
from pynq_lstm.compression.factors import Factors
from pynq_lstm.compression.options import SOLVERS, PartOptions, SvdOptions, Sweeping, Tiles
from pynq_lstm.compression.part_options import PER_GATE
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
    """Seconds and processor seconds for the eight gate problems, and what the solver says."""
    provenance, begin, busy = {}, time.perf_counter(), time.process_time()
    with threadpool_limits(limits=1):  # as `compress` does; gates run side by side
        gates.components(network, options, None, False, provenance)
    return time.perf_counter() - begin, time.process_time() - busy, provenance


def ends(gate, part, bits=8):
    """Errors of both descents as they end by default and if they go on, and their sweeps.

    Returns
    -------
    list of (float, float, int)
        From greedy components, from separate ones.
    """
    unit, _ = svd.scaled(gate)
    tiles = part.u, part.v
    greedy = svd.rough(unit, part, bits)
    coded = Factors(greedy.u.astype(np.float32), greedy.v.astype(np.float32), greedy.s)
    floating, _ = separate(unit, tiles, bits, Sweeping(), lambda count: None, part.refinements)
    found = []
    for start in (coded, floating):
        here, errors = descend(unit, start, tiles, bits, Sweeping())
        there, _ = descend(unit, here, tiles, bits, CONVERGED)
        found.append((here.error(unit), there.error(unit), len(errors)))
    return found


def speed_figures(bar):
    """Seconds of each network and tiling, and the distance from convergence."""
    figures = []
    for name, network in (("independent", independent()), ("alike", alike())):
        for tiling, given in TILINGS.items():
            options = SvdOptions(refinements=REFINEMENTS, solver="bcd", **given)
            load = os.getloadavg()[0]
            seconds, busy, told = timed(network, options)
            what = f"two LSTMs I=1024 H=512, R=64 a gate, {name}, {tiling}"
            figures.append(
                results.figure(
                    f"BCD from both starts, {what}",
                    seconds,
                    "s",
                    f"< {SECONDS}",
                    seconds < SECONDS,
                    processor_seconds=busy,
                    load_before=load,
                    below_10_s="yes" if seconds < HOPED else "no",
                    greedy_start_error=told["relative error of greedy components"],
                    sharing=told["sharing"],
                )
            )
            bar.update()
            bar.write(f"{what}: {seconds:.1f} s")
            for side in PARTS:
                gate = gate_problems(network, side)[0]
                part = options.lists(side, *gate.shape)[PER_GATE][0]
                with threadpool_limits(limits=1):
                    here, there, sweeps = zip(*ends(gate, part))
                over = min(here) / min(there) - 1  # the better of both is kept
                figures.append(
                    results.figure(
                        f"error over the converged error, one {side} gate, {name}, {tiling}",
                        100 * over,
                        "%",
                        f"<= {100 * EXCESS}",
                        over <= EXCESS,
                        each_start=[f"{100 * (a / b - 1):.2f} %" for a, b in zip(here, there)],
                        sweeps=list(sweeps),
                    )
                )
                bar.update()
    return figures


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
    with tqdm(total=18 + len(budgets.budgets(RANKS)) + 4 * 3, desc="solver", disable=None) as bar:
        figures = error_figures(bar) + accuracy_figures(bar) + speed_figures(bar)
    results.write(
        "bench_solver",
        figures,
        {
            "matrices": "2 x 256 x 128 for errors",
            "seed": SEED,
            "bits": 8,
            "converged": f"{CONVERGED.sweeps} further sweeps or {CONVERGED.tolerance:g} a sweep",
            "load": "average of the minute before each time; near 0 where nothing else ran",
            "tiles": "A, B: 8, 16 of 32 u tiles and 2, 8 of 16 v tiles absent; of the LSTMs half "
            "of the u tiles, one eighth of the v tiles",
        },
    )


if __name__ == "__main__":
    main()
