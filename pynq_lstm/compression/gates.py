"""SVDn of a whole network: its eight gate problems, solved side by side."""

import os
from concurrent.futures import ThreadPoolExecutor

from pynq_lstm.compression import joint, sharing, svd
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
        What had to be coarsened and what sharing gained is added.

    Returns
    -------
    dict of PartComponents
        By part.

    Raises
    ------
    CompressionError
        A gate has only zeros, or an option does not fit the matrices.
    """
    problems = {side: gate_problems(network, side) for side in PARTS}
    resolved = {side: options.part(side, *problems[side].shape[1:]) for side in PARTS}
    fitted = _SOLVERS[options.solver](problems, resolved, options, progress)
    provenance["solver"] = options.solver
    if options.solver == "bcd":
        provenance.update(sharing.report(problems, fitted))
        fitted = {side: [found.components for found in fitted[side]] for side in PARTS}
    parts = {side: join_gates(fitted[side], resolved[side]) for side in PARTS}
    for side in PARTS:
        parts[side], halved = limit_dot_products(parts[side], options.activation_bits)
        if halved:
            provenance[f"{side} components with a halved grid of u"] = halved
    return parts


def _greedy(problems, resolved, options, progress):
    def solve(gate, part, step):
        return svd.approximate(gate, part, options.weight_bits, lambda: step(1))

    def steps(part):
        return 2 * part.refinements

    return _side_by_side(problems, resolved, solve, steps, progress)


def _joint(problems, resolved, options, progress):
    sweeping = options.sweeping
    models = problems["input"].shape[1]

    def solve(gate, part, step):
        return joint.approximate(gate, part, options.weight_bits, sweeping, step)

    def steps(part):
        return joint.steps(part.refinements, models, sweeping)

    return _side_by_side(problems, resolved, solve, steps, progress)


def _side_by_side(problems, resolved, solve, steps, progress):
    """``solve(gate, options of the part, step)`` of every gate, lists by part."""
    total = sum(4 * steps(resolved[side]) for side in PARTS)
    pool = ThreadPoolExecutor(os.cpu_count())
    with bar(total, "step", progress) as moving:
        try:
            jobs = {
                side: [
                    pool.submit(solve, gate, resolved[side], moving.update)
                    for gate in problems[side]
                ]
                for side in PARTS
            }
            return {side: [job.result() for job in jobs[side]] for side in PARTS}
        finally:  # an interruption does not wait for what has not begun
            pool.shutdown(wait=False, cancel_futures=True)


_SOLVERS = {"bcd": _joint, "greedy": _greedy}
