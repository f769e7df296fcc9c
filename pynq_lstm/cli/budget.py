"""The options of ``pynq-lstm compress`` that name a budget or a drop instead of ranks."""

from pynq_lstm.budgets import result
from pynq_lstm.budgets.budget import COSTS, Budget
from pynq_lstm.budgets.search import TRIES, search
from pynq_lstm.budgets.trial import Trial
from pynq_lstm.cli import arrays
from pynq_lstm.errors import InputError

LABELS, LENGTHS = "labels", "lengths"  # names of arrays in a file for validation
_WHAT = {
    "bytes": "stored bytes",
    "words": "stored words of the weights",
    "multiplications": "multiplications of a step",
    "microseconds": "modelled time of a step on --design",
}


def add_arguments(command):
    """Declare the arguments."""
    group = command.add_argument_group(
        "a budget instead of ranks",
        "the best model found, and what was tried; options that are given are not searched",
    )
    for name in COSTS:
        kind = float if name == "microseconds" else int
        group.add_argument(
            f"--budget-{name}", type=kind, metavar="N", help=f"at most so many {_WHAT[name]}"
        )
    group.add_argument("--design", help="a design that ships; times on it are modelled")
    group.add_argument(
        "--max-drop",
        type=float,
        metavar="POINTS",
        help="the smallest model that loses at most so many percent of --validation",
    )
    group.add_argument(
        "--validation",
        metavar="FILE",
        help=f".npz with {LABELS!r}, the inputs as in --calibration, perhaps {LENGTHS!r}; "
        "not test data",
    )
    group.add_argument(
        "--cost", choices=COSTS, help="what --max-drop minimises; the default is bytes"
    )
    group.add_argument(
        "--tries", type=int, help=f"models that are made at most; the default is {TRIES}"
    )
    group.add_argument("--seconds", type=float, help="begin no further model after so long")


def asked(options):
    """Whether a budget or a drop is named; refuses what goes with one only.

    Raises
    ------
    InputError
    """
    if _limits(options) or options.max_drop is not None:
        return True
    for name in ("design", "validation", "cost", "tries", "seconds"):
        if getattr(options, name) is not None:
            raise InputError(
                name, getattr(options, name), "without a budget", "name --budget-... or --max-drop"
            )
    return False


def run(network, options, chosen, data):
    """Search; `chosen` are the options of the compression, `data` what it calibrates on.

    Returns
    -------
    SearchResult
    """
    given = {name: getattr(options, name) for name in ("cost", "tries", "seconds")}
    given = {name: value for name, value in given.items() if value is not None}
    if options.validation is not None:
        given["validate"] = validation(options.validation, len(network.sequences.input_sizes))
    limits = _limits(options)
    if limits or options.design is not None:
        given["budget"] = Budget(**limits, design=options.design)
    return search(
        network,
        max_drop=options.max_drop,
        method=options.method,
        calibration=data,
        input_range=options.input_range,
        **given,
        **chosen,
    )


def show(told):
    """For people: the table of what `SearchResult.as_dict` tells."""
    tried = [Trial(**one) for one in told["tried"]]
    return result.table(told["asked"], tried, tried[told["chosen"]], told["float_value"])


def _limits(options):
    limits = {name: getattr(options, f"budget_{name}") for name in COSTS}
    return {name: most for name, most in limits.items() if most is not None}


def validation(path, inputs):
    """(x, labels) or (x, labels, lengths) of a file, for a network of so many inputs."""
    members = arrays.members(path)
    if LABELS not in members:
        raise InputError(
            "validation",
            str(path),
            f"no array {LABELS!r} among {sorted(members)}",
            f"write it with numpy.savez(path, x=x, {LABELS}={LABELS})",
        )
    others = [members.pop(name) for name in (LABELS, LENGTHS) if name in members]
    return (arrays.of_inputs(path, list(members.values()), inputs), *others)
