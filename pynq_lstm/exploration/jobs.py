"""What workers do: pure functions of arguments that can be sent to them, whose answers are JSON.

What is slow to make of the arguments, the float value of a validation, is kept by each process.
"""

import base64
import contextlib
import threading
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pynq_lstm import model_file, network_file
from pynq_lstm.budgets import costs, prefixes
from pynq_lstm.budgets.validation import Validation
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression import groups
from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import block_fit, compared, described, families, svd_fit, svd_ranks
from pynq_lstm.exploration.goal import Goal
from pynq_lstm.exploration.target import Target
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network

_MODEL, _NETWORK = "MN"
FITS = {"svd": svd_fit, "block_diagonal": block_fit}


@dataclass(frozen=True, eq=False)
class Problem:
    """What is given.

    Attributes
    ----------
    name : str
        Hash of all of it, in which a callable counts by its name.
    call : str
        Another one for every exploration.
    network : Network
    calibration, input_range : as `compress` takes them
    validation : tuple, callable or None
    target : Target
    goal : Goal
    """

    name: str
    call: str
    network: Network
    calibration: Any
    input_range: Any
    validation: Any
    target: Target
    goal: Goal


_kept = {}  # the last problem's `Validation`, by its call


def validation(problem):
    """The `Validation` of a problem, made once in a process."""
    if problem.call not in _kept:
        made = Validation(problem.network, problem.validation)
        _kept.clear()
        _kept[problem.call] = made
    return _kept[problem.call]


def screened(problem, family):
    """Compress greedily with the most components, and look at every prefix.

    Parameters
    ----------
    problem : Problem
    family : Family

    Returns
    -------
    dict
        Of `Screened.of`; with "refused" only, where the options do not go with the network.
    """
    options = dict(family.options)
    if family.ranks is not None:
        options |= {"solver": "greedy", "refinements": tuple(own[-1] for own in family.ranks)}
    with one_thread():
        try:
            model = _compressed(problem, options)
        except CompressionError as error:
            return {"refused": str(error)}
        if family.ranks is None:
            told = {"mse": model.provenance["weight mse"]}
            told["relative"] = model.provenance["relative weight error"]
            fit = FITS[model.method].best(costs.passes(model), problem.target)
            return {"model": encoded(model), "bounds": [[_finite(fit.cycles)]], **told}
        counts = by_pass(model, components(problem.network, family, model))
        bounds = svd_ranks.bounds(costs.passes(model), counts, problem.target)
        lost, energy, words = _lost(problem.network, model, counts)
    return {
        "model": encoded(model),
        "bounds": [[_finite(value) for value in row] for row in bounds.tolist()],
        "lost": [own.tolist() for own in lost],
        "energy": energy,
        "words": words,
    }


def checked(problem, family, model, places, least):
    """Measure prefixes of a screened model, and fit designs to those that are good.

    Parameters
    ----------
    problem : Problem
    family : Family
    model : str
        As `encoded`.
    places : list of (int, int)
        Indices of ranks.
    least : float or None
        The lowest value that is good; None: all are, and none is measured.

    Returns
    -------
    list of [float or None, float or None]
        Value, and cycles on the fastest design if it is good (None: no design).
    """
    whole, found = decoded(model), []
    with one_thread():
        counts = None if family.ranks is None else components(problem.network, family, whole)
        for at in places:
            one = whole if counts is None else prefix(whole, counts, at)
            value = None if least is None else validation(problem).of(one)
            cycles = None
            if least is None or value >= least:
                fit = FITS[one.method].best(costs.passes(one), problem.target)
                cycles = _finite(fit.cycles) if fit.design is not None else None
            found.append([value, cycles])
    return found


def made(problem, family, options):
    """Compress, measure, and find the fastest design.

    Returns
    -------
    dict
        "model" and "candidate", the fields of a `Candidate`; with "refused" only, where the
        options cannot be compressed or no design runs the model.
    """
    with one_thread():
        try:
            model = _compressed(problem, options)
        except CompressionError as error:
            return {"refused": str(error)}
        value = None if problem.validation is None else validation(problem).of(model)
        models = costs.passes(model)
        fit = FITS[model.method].best(models, problem.target)
        if fit.design is None:
            return {"refused": "no design of the device runs it"}
        drop = None if value is None else validation(problem).float_value - value
        fields = described.fields(
            problem.network, family.engine, options, model, fit.design, value, drop
        )
    return {"model": encoded(model), "candidate": fields, "designs": _counts(fit)}


def compared_with(problem, best, model):
    """The baselines of an answer; see `compared`.

    Parameters
    ----------
    problem : Problem
    best : dict
        Fields of the `Candidate` of the design that is returned: its DSPs are what they get.
    model : str
        As `encoded`.

    Returns
    -------
    dict
        As `compared` has it.
    """

    def measure(one):
        if problem.validation is None:
            return None, None
        value = validation(problem).of(one)
        return value, validation(problem).float_value - value

    with one_thread():
        return compared.compared(
            problem.network,
            problem.target,
            best,
            decoded(model),
            lambda options: _compressed(problem, options),
            measure,
            problem.goal.met,
        )


def components(network, family, model):
    """Of every group of a model, the components of both parts by rank: pairs of arrays of int."""
    held = model.held if isinstance(model, CompressedNetwork) else groups.passes(network)
    if "share" not in family.options:
        own = tuple(np.array(ranks) for ranks in family.ranks)
        return [own] * len(held)
    options = {n: v for n, v in family.options.items() if n not in ("method", "share")}
    rows = [
        families.counts(network, SvdOptions(**options), held, side, ranks)
        for side, ranks in zip(PARTS, family.ranks)
    ]
    return [tuple(each) for each in zip(*(side.T for side in rows))]


def by_pass(model, counts):
    """What groups have, of the passes that run them: a group may run in several."""
    if not isinstance(model, CompressedNetwork):
        return counts
    place = {k: own for own, members in zip(counts, model.held) for k in members}
    return [place[members[0]] for members in model.members]


def prefix(model, counts, at):
    """The model of the first components of every group."""
    stored = model.groups if isinstance(model, CompressedNetwork) else (model,)
    models = [
        prefixes.prefix(one, [int(own[k]) for own, k in zip(both, at)])
        for one, both in zip(stored, counts)
    ]
    return replace(model, groups=models) if isinstance(model, CompressedNetwork) else models[0]


def encoded(model):
    """The file of a model as text; a letter says which kind it is."""
    _, (content,) = model.__reduce__()
    return _letter(model) + base64.b64encode(content).decode("ascii")


def decoded(text):
    """The model of `encoded`."""
    module = network_file if text[0] == _NETWORK else model_file
    return module.from_bytes(base64.b64decode(text[1:]))


def _letter(model):
    return _NETWORK if isinstance(model, CompressedNetwork) else _MODEL


def _compressed(problem, options):
    return compress(
        problem.network,
        calibration=problem.calibration,
        input_range=problem.input_range,
        progress=False,
        **options,
    )


def _lost(network, model, counts):
    """Squared weight errors of both parts for each rank, summed over the passes.

    Returns
    -------
    lost : pair of ndarray
    energy : float
        Of all weights.
    words : int
        How many there are.
    """
    lost = [np.zeros(len(own)) for own in counts[0]]
    energy = words = 0
    members = model.members if isinstance(model, CompressedNetwork) else None
    for p, (one, both) in enumerate(zip(costs.passes(model), counts)):
        alone = network if members is None else Network([network.layers[k] for k in members[p]])
        weights = [[getattr(layer, name) for layer in alone.layers] for name in ("w_ih", "w_hh")]
        energies = [sum(float((w.astype(np.float64) ** 2).sum()) for w in own) for own in weights]
        energy += sum(energies)
        words += sum(w.size for own in weights for w in own)
        errors = {
            int(c): weight_error(alone, one, int(c)).by_part
            for c in np.unique(np.concatenate(both))
        }
        for side in range(len(PARTS)):
            lost[side] += [energies[side] * errors[int(c)][side] for c in both[side]]
    return lost, energy, words


def _finite(cycles):
    return float(cycles) if np.isfinite(cycles) else None


def _counts(fit):
    return [fit.modelled, fit.by_bound, fit.by_resources]


class _OneThread:
    """Limits BLAS while anything computes: threads of one process have one limit in common."""

    def __init__(self):
        self._lock, self._inside, self._limits = threading.Lock(), 0, None

    @contextlib.contextmanager
    def __call__(self):
        from threadpoolctl import threadpool_limits  # only here: see `compress`

        with self._lock:
            if not self._inside:
                self._limits = threadpool_limits(limits=1)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self._limits.restore_original_limits()


# one thread of BLAS: the same numbers on any machine load, no more threads than workers
one_thread = _OneThread()
