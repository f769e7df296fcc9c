"""What a peer is to the benchmark."""

import importlib.metadata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Callable

from cpu.timing import fastest

# largest difference of h from PyTorch's float32 that is taken for the same function
FLOAT_TOLERANCE = 1e-3
BFLOAT16_TOLERANCE = 0.03
INT8_TOLERANCE = 0.1


@dataclass(frozen=True)
class Peer:
    """A runtime, dense and at one precision.

    Attributes
    ----------
    name : str
    package : str
        The distribution on PyPI, for its version.
    weight_bits : int
        As stored.
    tolerance : float
    prepare : callable
        ``prepare(modules, x, threads)``: `nn.LSTM` modules, an array (time, batch, input) of
        float32 for each, and a number of threads. Returns a function without arguments that runs
        all modules on x and returns h of every step, (time, batch, hidden) for each. The function
        may bind its inputs and outputs once, and is called under ``torch.inference_mode``.
    batched : bool
        Whether it takes more than one sequence at a time.
    """

    name: str
    package: str
    weight_bits: int
    tolerance: float
    prepare: Callable
    batched: bool = True

    @property
    def version(self):
        """Of the installed package; raises `importlib.metadata.PackageNotFoundError`."""
        return importlib.metadata.version(self.package)

    def fastest_call(self, modules, x, threads):
        """`prepare`, or its like for models one by one or side by side, whichever is faster."""
        calls = [self.prepare(modules, x, threads)]
        if len(modules) > 1:
            alone = [self.prepare([m], [a], threads) for m, a in zip(modules, x)]
            calls.append(lambda: [call()[0] for call in alone])
            if threads > 1:
                shared = [self.prepare([m], [a], 1) for m, a in zip(modules, x)]
                calls.append(partial(_side_by_side, shared, ThreadPoolExecutor(threads - 1)))
        return fastest(calls, threads)


def _side_by_side(calls, pool):
    """The first in this thread, the others in those of the pool."""
    jobs = [pool.submit(call) for call in calls[1:]]
    return [calls[0]()[0], *(job.result()[0] for job in jobs)]
