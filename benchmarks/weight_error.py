"""Relative weight error on three kinds of matrices, against a greedy SVDn that refits s.

The goals are what an independent implementation of the published algorithm reaches on the
same matrices with its scalars refitted after pruning, and without any quantisation; ours
has u and v on the 8-bit grid.
"""

import sys

import results
from threadpoolctl import threadpool_limits

from pynq_lstm.compression.options import PartOptions, Tiles
from pynq_lstm.compression.svd import approximate

sys.path.insert(0, str(results.ROOT / "tests"))
import example_matrices as examples


def main():
    """Measure and write docs/results/weight_error.json."""
    figures = []
    with threadpool_limits(limits=1):
        pairs = examples.measured_pairs()
        cases = [
            (*case, tiles, goal)
            for case, goals in examples.GREEDY_ERRORS.items()
            for tiles, goal in zip(examples.TILES, goals)
        ]
        for data, refinements, tiles, goal in cases:
            zeros = examples.TILES[tiles]
            options = PartOptions(refinements, *(Tiles(examples.TILE, zero) for zero in zeros))
            error = approximate(pairs[data], options, 8).error
            figures.append(
                results.figure(
                    f"relative error, {data}, R = {refinements}, tiles {tiles}",
                    error,
                    "",
                    f"<= {goal:.4f}",
                    round(error, 4) <= goal,
                )
            )
    results.write("weight_error", figures, {"matrices": "2 x 256 x 128", "seed": 0, "bits": 8})


if __name__ == "__main__":
    main()
