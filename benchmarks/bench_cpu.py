"""The CPU path beside the runtimes that a user would otherwise pick; see docs/cpu_benchmark.md."""

import argparse
import os
import sys

# the most threads of any table; BLAS and OpenMP read them when they are loaded
os.environ.update(OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2", MKL_NUM_THREADS="2")

import results
from cpu import chart, competitors, process, report, run, shapes, tables, timing

NAME = "bench_cpu"
ROUNDS, QUICK_ROUNDS = 31, 5
BUILD = results.ROOT / "build" / NAME


def main():
    """Measure; write docs/results/<name>.json and .svg, or, of less than all, print only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--shape",
        type=shapes.parse,
        action="append",
        metavar="NAME or N,I,H,T,Rx,Rh",
        help="measure this shape instead of all; may be given several times",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--name", default=NAME, help="of the files; default: %(default)s")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds: a check")
    options = parser.parse_args()
    rounds = QUICK_ROUNDS if options.quick else options.rounds
    if rounds < 1:
        parser.error("--rounds must be 1 or more")
    recorded = options.shape is None and rounds >= ROUNDS
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    chosen = options.shape or shapes.SHAPES
    try:
        measured = run.measure(chosen, rounds, BUILD, with_fashion=options.shape is None)
    except RuntimeError as error:
        parser.exit(1, f"{parser.prog}: {error}\n")
    print(tables.text(measured))
    folder = results.RESULTS if recorded else BUILD
    picture = folder / f"{options.name}.svg"
    names = [shape.name for shape in chosen]
    results.replace(picture, chart.svg(measured.measurements, names, run.BATCHES))
    print(f"chart: {picture}")
    if not recorded:
        print("not recorded: fewer rounds or other shapes than the figures of docs/results.md")
        return 0
    conditions = {
        **competitors.versions(),
        "pinned": bool(process.cores()),
        "rounds": rounds,
        "milliseconds a block": timing.BLOCK * 1e3,
        "load before": load,
        "left out": report.left_out(measured) or "nobody",
    }
    results.write(options.name, report.figures(measured), conditions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
