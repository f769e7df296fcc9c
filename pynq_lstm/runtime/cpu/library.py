"""The compiled kernels, and which of them this processor runs."""

import importlib
import numbers
import os
from itertools import takewhile
from pathlib import Path

from pynq_lstm.errors import BackendError, InputError

_MODULE = "pynq_lstm.runtime.cpu._kernel"
_MOST = 16  # kernels, more than there are


def load():
    """The extension module, with ``ffi`` and ``lib``.

    Raises
    ------
    BackendError
        It is not built.
    """
    try:
        return importlib.import_module(_MODULE)
    except ImportError as error:
        build = Path(__file__).with_name("build.py")
        remedy = f"run: python {build} (needs cffi, setuptools and a C compiler)"
        sources = build.parents[3]
        if (sources / "setup.cfg").is_file():  # they come before what is installed
            remedy += f"; if the package is installed, start Python outside of {sources}"
        problem = f"its C kernels are not built ({error})"
        raise BackendError("backend", "cpu", problem, remedy) from error


def kernels():
    """The kernels that run here, the best first: name to ``struct lstm_kernel *``."""
    module = load()
    null, at = module.ffi.NULL, module.lib.lstm_kernel_at
    found = takewhile(lambda kernel: kernel != null, map(at, range(_MOST)))
    return {module.ffi.string(kernel.name).decode(): kernel for kernel in found}


def choose(name=None):
    """A kernel by its name, or the best one.

    Raises
    ------
    InputError
        No kernel of that name runs on this processor.
    """
    known = kernels()
    if name is None:
        return next(iter(known.values()))
    if not isinstance(name, str) or name not in known:
        raise InputError(
            "kernel",
            name,
            "not one of those that run on this processor",
            f"choose from {list(known)}, or leave it out for the best",
        )
    return known[name]


def processors():
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def checked_threads(threads):
    """Check a number of threads.

    Raises
    ------
    InputError
        Not a positive integer, or more than there are processors.
    """
    most = min(processors(), load().lib.LSTM_MOST_THREADS)
    whole = isinstance(threads, numbers.Integral) and not isinstance(threads, bool)
    if not whole or not 1 <= threads <= most:
        raise InputError(
            "threads",
            threads,
            "not a number of threads for this machine",
            f"choose 1 to {most}, the processors that this process may use",
        )
    return int(threads)
