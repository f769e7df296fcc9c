"""`explore`: from a network, an accuracy and a device to the compressed model and the design."""

import hashlib
import json
import secrets

import numpy as np

from pynq_lstm.budgets import costs
from pynq_lstm.budgets.asked import number
from pynq_lstm.candidate import Candidate
from pynq_lstm.compression import calibration as ranges_of
from pynq_lstm.compression.progress import bar
from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import described, families, jobs
from pynq_lstm.exploration.goal import Goal
from pynq_lstm.exploration.progress import teller
from pynq_lstm.exploration.result import Exploration
from pynq_lstm.exploration.search import Search
from pynq_lstm.exploration.store import Store
from pynq_lstm.exploration.target import Target
from pynq_lstm.exploration.work import Work, check_executor
from pynq_lstm.network import Network
from pynq_lstm.version import __version__

TRIES = 16


def explore(
    network,
    device="zcu104",
    max_drop=None,
    validation=None,
    max_mse=None,
    calibration=None,
    input_range=None,
    clock_mhz=None,
    engines=families.ENGINES,
    tries=TRIES,
    baselines=True,
    executor=None,
    store=None,
    progress=None,
    share=None,
    **options,
):
    """Find the compression and the design that take the least time and are accurate enough.

    Accuracy comes first, then resources, then time, as in Ribes et al. 2020; docs/explore.md says
    what is searched, and by which bounds most of it is not evaluated. All times are modelled:
    nothing is synthesised. The same arguments give the same answer, on one worker or on many.

    Parameters
    ----------
    network : Network
    device : str, path or Device
        What the design must fit: "zcu104" or another description in `accelerator.devices`.
    max_drop : float, optional
        Points of `validation` that may be lost against the float network: percent, with labels.
    validation : tuple or callable, optional
        (x, labels) or (x, labels, lengths), or ``validation(runner) -> float``, higher is better:
        see `budgets.validation.Validation`. Neither test data nor what scales are chosen from.
    max_mse : float, optional
        Instead of `max_drop`: the mean squared error that the weights may have.
    calibration, input_range
        As `compress` takes them.
    clock_mhz : int, optional
        Default: that of the device.
    engines : sequence of str
        Of "svdn", "svd1" and "block_diagonal", those that are searched.
    tries : int
        Models that are made at most by a descent, which takes long.
    baselines : bool
        Model what the answer is to be compared with, too: LSTM-HW, SVD1-HW, and software on the
        device's processor, estimated.
    executor : concurrent.futures.Executor, optional
        What evaluates; default: this process.
    store : path-like, optional
        A file that evaluations are added to, and taken from when the same search is begun again.
    progress : bool, optional
        A line on stderr that counts evaluations; default: on terminals only. It tells how many of
        the sets of options were looked at, and the least cycles so far; how many evaluations
        there will be nobody knows before.
    share : str or sequence of sequence of int, optional
        Of SVD: which LSTMs share components, as `search` takes it, "auto" for every way that it
        tries. Default: all of a pass ("svdn") and none ("svd1"). A way in which none shares is of
        the engine "svd1", every other one of "svdn".
    **options
        Of the methods; those that are given are not searched.

    Returns
    -------
    Exploration

    Raises
    ------
    CompressionError
        Arguments that do not go together, a store of another problem, or nothing that is
        accurate enough.
    CalibrationError
        Neither `calibration` nor `input_range`, or unusable ones.
    DesignError
        An unknown device or clock.
    """
    if not isinstance(network, Network):
        raise CompressionError(
            "network", type(network).__name__, "not a Network", "make one with Network.from_torch"
        )
    goal = Goal(max_drop, max_mse, validation is not None)
    target = Target.to_explore(device, clock_mhz)
    number("tries", tries, 0, whole=True)
    if isinstance(engines, str) or not isinstance(engines, (tuple, list)):
        remedy = f"pass a tuple, of {', '.join(families.ENGINES)}"
        raise CompressionError("engines", engines, "not a sequence of names", remedy)
    ranges_of.calibration_input(network, calibration, input_range)  # refused before any work
    searched = families.families(network, tuple(engines), options, share)
    given = (calibration, input_range, validation, target, goal)
    name = problem_hash(network, *given, tuple(engines), tries, baselines, share, options)
    problem = jobs.Problem(name, secrets.token_hex(8), network, *given)
    check_executor(executor, problem)
    float_value = None if validation is None else jobs.validation(problem).float_value
    with Store(store, name) as kept, bar(None, "evaluation", progress, "explore") as moving:
        work = Work(problem, kept, executor)
        search = Search(problem, goal, work, float_value, tries, teller(moving))
        search.run(searched)
        model, design, told = _answer(network, target, search.best)
        beside = {"found": [], "missing": {}}
        if baselines:
            best = told, search.best["model"]  # told of the design that is returned
            keyed = [(f"baselines {_digest(best)}", best)]
            beside = next(work.answers(jobs.compared_with, keyed))
    answer = model, design, _candidate(told)
    return _result(goal, target, search, answer, float_value, beside)


def _answer(network, target, best):
    """The model, the smallest of its fastest designs, and the fields of their `Candidate`."""
    own, model = best["candidate"], jobs.decoded(best["model"])
    design = jobs.FITS[model.method].best(costs.passes(model), target, slim=True).design
    given = own["engine"], own["options"], model, design, own["value"], own["drop"]
    return model, design, described.fields(network, *given)


def _result(goal, target, search, answer, float_value, beside):
    model, design, best = answer
    candidates = [
        best if one is search.best else _candidate(one["candidate"]) for one in search.made
    ]
    asked = f"{goal.text} on {target.device.name} at {target.clock_mhz} MHz"
    provenance = {"explored": asked, "design": design.name}
    provenance["modelled microseconds a step"] = best.microseconds
    if best.drop is not None:
        provenance["drop on validation data"] = best.drop
    return Exploration(
        model.with_provenance({**model.provenance, **provenance}),
        design,
        best,
        tuple(candidates),
        tuple(map(_candidate, beside["found"])),
        target.device.name,
        asked,
        float_value,
        search.left_out,
        beside["missing"],
    )


def _digest(arguments):
    """Of what is JSON; tuples count as the lists that a store makes of them."""
    return hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()


def _candidate(fields):
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in fields["options"].items()}
    ranges = {k: tuple(v) if isinstance(v, list) else v for k, v in fields["resources"].items()}
    return Candidate(**{**fields, "options": options, "resources": ranges})


def problem_hash(network, *given):
    """Of everything that the answer depends on; a callable counts by its name."""
    digest = hashlib.sha256(__version__.encode())

    def take(value):
        if hasattr(value, "__array__"):
            value = np.asarray(value)
            digest.update(f"{value.dtype}{value.shape}".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        elif isinstance(value, (tuple, list)):
            digest.update(f"{len(value)} of".encode())
            for one in value:
                take(one)
        elif callable(value):
            names = [
                getattr(value, n, type(value).__name__) for n in ("__module__", "__qualname__")
            ]
            digest.update(".".join(names).encode())
        else:
            digest.update(repr(value).encode())

    for layer in network.layers:
        take((layer.w_ih, layer.w_hh, layer.bias))
    head = network.head
    take(
        [
            repr(network.wiring),
            repr(network.stacks),
            *([] if head is None else (head.weight, head.bias)),
        ]
    )
    take(given)
    return digest.hexdigest()
