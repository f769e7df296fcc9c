"""Instructions of one inference: runs of two lengths are compared, so that the start cancels."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import counting
import results

ROOT = results.ROOT / "build" / "aarch64"
KERNELS = ROOT / "root/usr/local/lib/python3.11/dist-packages/pynq_lstm/runtime/cpu/_kernel.abi3.so"
WORKLOAD = Path(__file__).with_name("workload.py")
# a BLAS with idle threads would count their waiting
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Difference:
    """Two runs of a workload.

    Attributes
    ----------
    short, long : counting.Counts
    calls : int
        That the longer has more.
    """

    short: counting.Counts
    long: counting.Counts
    calls: int

    def total(self):
        """Instructions of a call."""
        return (self.long.total() - self.short.total()) / self.calls

    def by_function(self):
        """Instructions of a call in each function of the C kernels."""
        functions = counting.functions_of(KERNELS)
        short, long = (run.by_function(functions, int(run.output)) for run in self.runs())
        return {name: (n - short.get(name, 0)) / self.calls for name, n in long.items()}

    def within(self, start, end):
        """Instructions of a call at places of the kernels' file from `start` up to `end`."""
        short, long = (
            run.within(int(run.output) + start, int(run.output) + end) for run in self.runs()
        )
        return (long - short) / self.calls

    def runs(self):
        """Both runs, the short one first."""
        return self.short, self.long


def measure(workload, model, lengths):
    """Count what a call of a workload executes.

    Parameters
    ----------
    workload : str
        Of workload.py.
    model : Path
    lengths : tuple of int
        Numbers of calls of the two runs; the first few of a session bind and warm up.

    Returns
    -------
    Difference

    Raises
    ------
    counting.EmulationError
    """
    plugin = counting.build_plugin(ROOT)

    def count(calls):
        command = [WORKLOAD, workload, model, calls]
        return counting.count(plugin, command, python=True, environment=ONE_THREAD)

    with ThreadPoolExecutor(len(lengths)) as pool:
        short, long = pool.map(count, lengths)
    return Difference(short, long, lengths[1] - lengths[0])


def emulated_numpy():
    """Version of the NumPy that is counted."""
    code = "import numpy; print(numpy.__version__)"
    command = [counting.PYTHON, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()
