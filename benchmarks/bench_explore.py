"""An exploration of the shipped network on Dask, and an exhaustive search on a reduced grid.

Both see the 1,000 validation images, which training never saw but which helped to choose its
recipe. The 2,000 test images are classified once, by the answer, and nothing is chosen on them.
"""

import os
import resource
import time
from itertools import product

import numpy as np
import results
from distributed import Client, LocalCluster

import pynq_lstm as pl
from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.budgets.validation import Validation
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.examples import fashion_mnist, pareto
from pynq_lstm.exploration import fit, svd_fit, svd_space
from pynq_lstm.exploration.target import Target

DEVICE, DROP, WORKERS = "zcu104", 0.5, 2
MINUTES, SLOWER = 5, 1.03  # goals
# the grid: options, ranks of both parts, and lanes of U and V of both parts
FORMS, INPUT_RANKS, HIDDEN_RANKS = ("per_gate", "stacked"), (8, 16, 31, 46), (8, 12, 16, 20, 25, 29)
U_TILE, INPUT_LANES, HIDDEN_LANES = 16, ((2, 4), (4, 8), (8, 8)), ((10, 16), (13, 25), (16, 29))


def given():
    """Network, validation data and calibration."""
    images, labels = fashion_mnist.validation_set()
    data = fashion_mnist.branches(images), labels.astype(np.int64)
    return fashion_mnist.network(), data, fashion_mnist.calibration()


def on_grid(form, input_rank, hidden_rank):
    """Drop of a model of the grid, and cycles on each design of the grid that fits and runs it."""
    network, data, calibration = given()
    ranks, target = (input_rank, hidden_rank), Target.of(DEVICE)
    model = pl.compress(
        network, calibration=calibration, progress=False, form=form, refinements=ranks
    )
    validation, cycles = Validation(network, data), []
    drop = validation.float_value - validation.of(model)
    frame = svd_space.Frame.of([model], len(Plan.of_model(model).pairs), target)
    for lanes in product(INPUT_LANES, HIDDEN_LANES):
        try:
            packed = fit.images([model], frame.design(U_TILE, lanes))
        except PynqLstmError:  # too few places for the components
            continue
        if target.holds(resources.estimate(svd_fit.sized(packed))):
            cycles.append(fit.cycles(packed))
    return drop, cycles


def main():
    """Measure and write docs/results/bench_explore.json."""
    network, data, calibration = given()
    options = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with (
        LocalCluster(n_workers=WORKERS, **options) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        begin = time.perf_counter()
        found = pl.explore(
            network,
            DEVICE,
            max_drop=DROP,
            validation=data,
            calibration=calibration,
            executor=executor,
            progress=False,
        )
        seconds = time.perf_counter() - begin
        print(found.table(), f"\n{seconds:.0f} s", flush=True)
        grid = list(product(FORMS, INPUT_RANKS, HIDDEN_RANKS))
        jobs = [executor.submit(on_grid, *one) for one in grid]
        answers = [job.result() for job in jobs]
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF,
                                                         resource.RUSAGE_CHILDREN))  # fmt: skip
    spent = sum(one.ru_utime + one.ru_stime for one in (own, children))
    exhaustive = min(min(cycles) for drop, cycles in answers if drop <= DROP and cycles)
    ratio = found.best.cycles / exhaustive
    task = pareto.Task(*fashion_mnist.test_set())
    with pl.load(found.model, "cpu") as session:
        test_drop = task.accuracy(network.infer_logits) - task.accuracy(session.infer_logits)
    best = found.best
    figures = [
        results.figure(
            f"exploration of the shipped network, {DEVICE}, {DROP} points",
            round(seconds, 1),
            "s",
            f"less than {60 * MINUTES} s on two cores",
            seconds < 60 * MINUTES,
            load_before=round(LOAD, 1),
            candidates=len(found.candidates),
            left_out=dict(found.left_out),
        ),
        results.figure(
            "its answer, modelled time of a step",
            best.microseconds,
            "us",
            cycles=best.cycles,
            options=best.name,
            design=dict(best.design),
            validation_drop=best.drop,
            test_drop=test_drop,
            resources=dict(best.resources),
        ),
        results.figure(
            "its time over the best of an exhaustive search on a reduced grid",
            ratio,
            "",
            f"at most {SLOWER}",
            ratio <= SLOWER,
            cycles_of_the_grid=exhaustive,
            models=len(grid),
            accurate_models=sum(drop <= DROP for drop, _ in answers),
            designs=sum(len(cycles) for _, cycles in answers),
        ),
    ]
    results.write(
        "bench_explore",
        figures,
        {
            "workers": f"{WORKERS} processes of Dask",
            "validation images": 1000,
            "test images": 2000,
            "cpu seconds, grid included": round(spent),
            "time": "modelled, but for that of the exploration",
        },
    )


LOAD = os.getloadavg()[0]  # of the machine before anything began: it makes the search slower

if __name__ == "__main__":
    main()
