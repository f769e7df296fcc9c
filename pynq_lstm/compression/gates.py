"""SVDn of a whole network: its problems, four a part or one, solved side by side."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pynq_lstm.compression import allotment, forms, gate_errors, joint, sharing, svd
from pynq_lstm.compression.part_options import PER_GATE
from pynq_lstm.compression.parts import join_lists, limit_dot_products
from pynq_lstm.compression.progress import bar
from pynq_lstm.compression.weights import gate_problems, own_elements, refuse_zeros
from pynq_lstm.model import PARTS


class Problems(NamedTuple):
    """What is approximated.

    Attributes
    ----------
    weights : dict of dict of list of ndarray, (models, inputs, units), float32
        By part and form, of each list; where LSTMs are balanced, over their scales.
    asked : dict of dict of tuple of PartOptions
        By part and form, of each list.
    scales : dict of ndarray, (models,), float64
        By part: what the weights of each model were divided by.
    """

    weights: dict
    asked: dict
    scales: dict


def problems(network, options):
    """The matrices that share components, and what is asked of each list of them.

    Parameters
    ----------
    network : Network
    options : SvdOptions

    Returns
    -------
    Problems

    Raises
    ------
    CompressionError
        A gate has only zeros, or an option does not fit the matrices.
    """
    gates = {side: gate_problems(network, side) for side in PARTS}
    asked = {side: options.lists(side, *gates[side].shape[1:]) for side in PARTS}
    for side in PARTS:
        refuse_zeros(network, side, per_gate=PER_GATE in asked[side])
    weights = {
        side: {form: forms.problems(gates[side], form) for form in asked[side]} for side in PARTS
    }
    scales = {side: np.ones(len(network.layers)) for side in PARTS}
    if options.balance:
        scales = {side: _norms(gates[side]) for side in PARTS}
        weights = {side: _balanced(weights[side], scales[side]) for side in PARTS}
    return Problems(weights, asked, scales)


def worth_of(network, data, scales):
    """What errors of the `Problems.weights` do to the gates, a dict of `GateErrors` by part.

    Parameters
    ----------
    network : Network
    data : list of calibration.Steps
        What each LSTM meets.
    scales : dict of ndarray
        Of the `Problems`.
    """
    found = gate_errors.measure(network, data)
    return {side: found[side].over(scales[side]) for side in PARTS}


def components(network, options, data, progress, provenance):
    """Approximate the weights by components whose vectors the models share.

    Parameters
    ----------
    network : Network
    options : SvdOptions
    data : list of calibration.Steps
        What each LSTM meets; looked at where words are to be allotted.
    progress : bool, optional
        Of `progress.bar`.
    provenance : dict
        What had to be coarsened, what sharing gained and which form was chosen is added.

    Returns
    -------
    dict of PartComponents
        By part.

    Raises
    ------
    CompressionError
        A gate has only zeros, or an option does not fit the matrices.
    """
    weights, asked, scales = problems(network, options)
    provenance["solver"] = options.solver
    if options.words is not None:
        worth = worth_of(network, data, scales)
        asked, told = allotment.allot(weights, asked, worth, options, progress)
        provenance.update(told)
    inside = {side: forms.of_each(own_elements(network, side), asked[side]) for side in PARTS}
    fitted = _SOLVERS[options.solver](weights, asked, options, progress, inside)
    form, told = forms.choose(weights, fitted)
    provenance.update(told)
    fitted = {side: fitted[side][form[side]] for side in PARTS}
    asked = {side: asked[side][form[side]] for side in PARTS}
    if options.solver == "bcd":
        chosen = {side: weights[side][form[side]] for side in PARTS}
        provenance.update(sharing.report(chosen, fitted))
    parts = {}
    for side in PARTS:
        whole = join_lists([found.components for found in fitted[side]], asked[side])
        whole = replace(whole, s=whole.s * scales[side])
        parts[side], halved = limit_dot_products(whole, options.activation_bits)
        if halved:
            provenance[f"{side} components with a halved grid of u"] = halved
    return parts


def _norms(gates):
    """Norm of the four matrices of each model together, (models,)."""
    return np.sqrt((gates.astype(np.float64) ** 2).sum(axis=(0, 2, 3)))


def _balanced(forms, scales):
    """The matrices of every form, those of each model divided by its scale."""
    return {
        form: [(one / scales[:, None, None]).astype(one.dtype) for one in own]
        for form, own in forms.items()
    }


def _greedy(weights, asked, options, progress, inside):
    def solve(problem, part, step, inside):
        found = svd.approximate(problem, part, options.weight_bits, lambda: step(1))
        found = joint.without_padding(found, problem, inside)
        return joint.Fitted(found, found.error, None)

    def steps(part):
        return 2 * part.refinements

    return _side_by_side(weights, asked, solve, steps, progress, inside)


def _joint(weights, asked, options, progress, inside):
    sweeping = options.sweeping
    models = len(next(iter(weights["input"].values()))[0])

    def solve(problem, part, step, inside):
        return joint.approximate(problem, part, options.weight_bits, sweeping, step, inside)

    def steps(part):
        return joint.steps(part.refinements, models, sweeping)

    return _side_by_side(weights, asked, solve, steps, progress, inside)


def _side_by_side(weights, asked, solve, steps, progress, inside):
    """``solve(matrices, options, step, inside)`` of every list asked for, by part and form."""
    total = sum(steps(part) for side in PARTS for lists in asked[side].values() for part in lists)
    pool = ThreadPoolExecutor(os.cpu_count())
    with bar(total, "step", progress) as moving:
        try:
            jobs = {
                side: {
                    form: [
                        pool.submit(solve, problem, part, moving.update, inside[side][form])
                        for problem, part in zip(weights[side][form], lists)
                    ]
                    for form, lists in asked[side].items()
                }
                for side in PARTS
            }
            return {
                side: {form: [job.result() for job in own] for form, own in jobs[side].items()}
                for side in PARTS
            }
        finally:  # an interruption does not wait for what has not begun
            pool.shutdown(wait=False, cancel_futures=True)


_SOLVERS = {"bcd": _joint, "greedy": _greedy}
