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
        for (data, refinements, tiles), goal in examples.GOALS.items():
            options = PartOptions(refinements, *(Tiles(*t) for t in examples.TILES[tiles]))
            error = approximate(examples.matrices()[data], options, 8).error
            # goals are known to four decimals
            figures.append(
                results.figure(
                    f"relative error, {data}, R = {refinements}, tiles {tiles}",
                    error,
                    "",
                    f"<= {goal:.4f}",
                    error <= goal + 5e-5,
                )
            )
    results.write("weight_error", figures, {"matrices": "2 x 256 x 128", "seed": 0, "bits": 8})


if __name__ == "__main__":
    main()
