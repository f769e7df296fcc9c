"""The two networks of the slides: a trained one, and one of sizes only."""

import sys
from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Tuple

from benchmarks import results
from pynq_lstm import Network
from pynq_lstm.examples import fashion_mnist, pareto

sys.path.insert(0, str(results.ROOT / "benchmarks"))  # they are scripts beside one another
import bench_solver

FASHION = "two branches, I = 28, H = 128"
ALIKE, INDEPENDENT = (f"I = 1024, H = 512, {what}" for what in ("alike", "independent"))
NAMES, TILINGS = (FASHION, ALIKE, INDEPENDENT), 2


@dataclass(frozen=True, eq=False)
class Task:
    """A network, and how it is compressed and judged.

    Attributes
    ----------
    name : str
    network : Network
    ranges : mapping
        Of `compress`.
    ranks : tuple of int
        Of SVDn; SVD1 takes the same in every LSTM.
    tilings : tuple of mapping
        Options of `compress`: whole vectors, then tiles of which some are pruned.
    budgets : tuple of int
        DSPs that a design may have.
    accuracy : callable or None
        Of ``infer_logits``, percent; None: the error of the weights is what is judged.
    """

    name: str
    network: Network
    ranges: Mapping
    ranks: Tuple[int, ...]
    tilings: Tuple[Mapping, ...]
    budgets: Tuple[int, ...]
    accuracy: Optional[Callable] = None


def make(name):
    """A task by its name: the process that measures a part of it makes it again."""
    if name == FASHION:
        return _fashion()
    network = bench_solver.alike() if name == ALIKE else bench_solver.independent()
    cut = {"u_tile": 32, "zero_u_tiles": (16, 8), "v_tile": 16, "zero_v_tiles": 8}
    ranks = (8, 16, 32, 64)
    return Task(name, network, {"input_range": (-1, 1)}, ranks, ({}, cut), (1728, 600))


def _fashion():
    """The shipped network on the 2,000 test images."""
    task = pareto.Task(*fashion_mnist.test_set())
    return Task(
        FASHION,
        task.network,
        {"calibration": fashion_mnist.calibration()},
        (1, 2, 3, 4, 5, 6, 7, 8, 12, 16),
        ({}, {"u_tile": (14, 32), "zero_u_tiles": 1, "v_tile": 32, "zero_v_tiles": 1}),
        (1728, 320),
        task.accuracy,
    )
