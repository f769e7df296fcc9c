"""SVDn of a whole network: its eight gate problems, solved side by side."""

import os
from concurrent.futures import ThreadPoolExecutor

from pynq_lstm.compression import svd
from pynq_lstm.compression.parts import join_gates, limit_dot_products
from pynq_lstm.compression.progress import bar
from pynq_lstm.compression.weights import gate_problems
from pynq_lstm.model import PARTS


def components(network, options, progress, provenance):
    """Approximate the weights by components whose vectors the models share.

    Parameters
    ----------
    network : Network
    options : SvdOptions
    progress : bool, optional
        Of `progress.bar`.
    provenance : dict
        What had to be coarsened is added.

    Returns
    -------
    dict of PartComponents
        By part.

    Raises
    ------
    CompressionError
        A gate has only zeros, or an option does not fit the matrices.
    """
    parts = _solve(network, options, progress)
    for side in PARTS:
        parts[side], halved = limit_dot_products(parts[side], options.activation_bits)
        if halved:
            provenance[f"{side} components with a halved grid of u"] = halved
    return parts


def _solve(network, options, progress):
    problems = {side: gate_problems(network, side) for side in PARTS}
    resolved = {side: options.part(side, *problems[side].shape[1:]) for side in PARTS}
    steps = sum(2 * 4 * resolved[side].refinements for side in PARTS)
    pool = ThreadPoolExecutor(os.cpu_count())
    with bar(steps, "term", progress) as moving:

        def solve(gate, side):
            return svd.approximate(gate, resolved[side], options.weight_bits, moving.update)

        try:
            jobs = {side: [pool.submit(solve, g, side) for g in problems[side]] for side in PARTS}
            return {
                side: join_gates([job.result() for job in jobs[side]], resolved[side])
                for side in PARTS
            }
        finally:  # an interruption does not wait for what has not begun
            pool.shutdown(wait=False, cancel_futures=True)
