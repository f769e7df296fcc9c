"""Which cores the process runs on, and how many threads the libraries in it use."""

import os
from pathlib import Path

MAX_THREADS = 2
_TASKS = Path("/proc/self/task")


def cores():
    """The cores that this process may use, ascending; what the system does not tell is empty."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(chosen):
    """Pin every thread of this process to `chosen` cores; threads to come inherit it."""
    if not chosen:
        return
    tasks = [int(task.name) for task in _TASKS.iterdir()] if _TASKS.exists() else [0]
    for task in tasks:
        try:
            os.sched_setaffinity(task, chosen)
        except ProcessLookupError:  # it ended meanwhile
            continue


def set_threads(threads):
    """Threads of PyTorch, BLAS and OpenMP; other runtimes are told when they are opened."""
    import torch
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=threads)
    torch.set_num_threads(threads)
