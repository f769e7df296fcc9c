"""A process that divides calls among threads forks; parent and child go on with right answers.

Run by test_cpu_fork.py in a process of its own; exits with 0 where both were right.
"""

import os
import signal
import sys

import numpy as np
from cpu_checks import opened
from random_models import random_input, sized_model

from pynq_lstm import reference
from pynq_lstm.runtime.cpu import binding

CALLS, CHILD_SECONDS = 50, 60


def all_right(backends, arguments, expected):
    """Whether every call gives the codes of the reference."""
    return all(
        np.array_equal(found, wanted)
        for _ in range(CALLS)
        for cpu in backends
        for found, wanted in zip(cpu.run(*arguments).out, expected.out)
    )


def main(kernel, rows):
    """Calls before the fork, and after it on both sides at once: rows or columns divided."""
    if rows:
        binding._ROWS_BYTES = 0
    rng = np.random.default_rng(3)
    model = sized_model(rng, (40, 40), (64, 64)) if not rows else sized_model(rng, (40,), (64,))
    arguments = random_input(rng, model, max_batch=1 if rows else 4)
    expected = reference.run(model, *arguments)
    before = opened(model, kernel, threads=2)
    if not all_right([before], arguments, expected):
        return "wrong before the fork"
    child = os.fork()
    if not child:
        signal.alarm(CHILD_SECONDS)  # ends a child that waits for threads that it does not have
        both = [before, opened(model, kernel, threads=3)]
        os._exit(0 if all_right(both, arguments, expected) else 1)
    right = all_right([before, opened(model, kernel, threads=2)], arguments, expected)
    _, status = os.waitpid(child, 0)
    if status:
        return f"the child ended with status {status}"
    return 0 if right else "wrong in the parent"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] == "rows"))
