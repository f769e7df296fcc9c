"""What makes a plan consistent; every violation names its field, the value and what would do."""

import numbers

from pynq_lstm.errors import PlanError
from pynq_lstm.model import CompressedModel

SHIFTS = range(-8, 9)
MAX_LAG = 255
METHODS = ("svd", "block_diagonal")  # whose parts a kernel computes with
STATE_BITS = 16  # of gates and c in the kernel


def refuse(field, value, problem, remedy):
    """Raise the error of this module."""
    raise PlanError(field, value, problem, remedy)


def _integer(field, value, low, high):
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        refuse(field, value, "not an integer in range", f"use {low} to {high}")


def _check_model(field, model):
    if not isinstance(model, CompressedModel):
        refuse(field, type(model).__name__, "not a CompressedModel", "compress it")
    if model.method not in METHODS:
        backend = "cpu" if model.method == "dense" else "reference"
        refuse(
            f"{field}.method",
            model.method,
            f"the accelerators run {' and '.join(METHODS)} models only",
            f'compress with method="svd", or run it with backend="{backend}"',
        )
    for name in ("gate_bits", "cell_bits"):
        if model.method == "svd" and getattr(model, name) != STATE_BITS:
            refuse(
                f"{field}.{name}",
                getattr(model, name),
                f"the accelerator has gates and c of {STATE_BITS} bits only",
                'run it with backend="reference"',
            )


def check_pair(pair):
    """Check what a `Pair` says by itself, before defaults are filled in."""
    _check_model("pair.model", pair.model)
    for name in ("members", "routes", "lags"):
        value = getattr(pair, name)
        if not isinstance(value, tuple) or len(value) != 2:
            refuse(f"pair.{name}", value, "not two, one a lane", "pass a tuple of two")
    first, second = pair.members
    for lane, j in ((0, first), (1, second)):
        if lane == 0 or j is not None:
            _integer(f"pair.members[{lane}]", j, 0, pair.model.models - 1)
        _integer(f"pair.lags[{lane}]", pair.lags[lane], 0, MAX_LAG)
    sizes = pair.model.hidden_sizes
    if second is not None and sizes[first] != sizes[second]:
        refuse(
            "pair.members",
            pair.members,
            f"{sizes[first]} and {sizes[second]} hidden units share no v",
            "give each a pair of its own",
        )


def check_stack(models, shifts):
    """Check that layers fit on one another."""
    if not models:
        refuse("models", models, "no layer", "pass one model or more")
    for k, model in enumerate(models):
        _check_model(f"models[{k}]", model)
    if shifts is not None and len(shifts) != len(models) - 1:
        refuse("shifts", shifts, "not one for each layer but the first", "pass as many, or None")
    for k, (below, above) in enumerate(zip(models, models[1:]), 1):
        if above.input_sizes != below.hidden_sizes:
            refuse(
                f"models[{k}].input_sizes",
                above.input_sizes,
                f"not the hidden sizes {below.hidden_sizes} of the layer below",
                "stack layers that fit, or make Pairs with routes of their own",
            )


def check(plan):
    """Check every pair of a `Plan` against the others."""
    if not plan.pairs:
        refuse("pairs", plan.pairs, "nothing to run", "pass one pair or more")
    bits = {pair.model.activation_bits for pair in plan.pairs}
    if len(bits) > 1:
        refuse("pairs", sorted(bits), "different activation_bits", "compress all with the same")
    methods = {pair.model.method for pair in plan.pairs}
    if len(methods) > 1:
        refuse("pairs", sorted(methods), "of different methods", "run them in plans of their own")
    for k, pair in enumerate(plan.pairs):
        for lane in pair.lanes:
            field = f"pairs[{k}].routes[{lane}]"
            _check_route(plan, field, pair, lane)


def _check_route(plan, field, pair, lane):
    size = pair.model.input_sizes[pair.members[lane]]
    covered = set()
    for i, segment in enumerate(pair.routes[lane]):
        name = f"{field}[{i}]"
        if not all(hasattr(segment, key) for key in ("start", "length", "offset", "source")):
            refuse(name, segment, "not a Segment", "make one with Segment(start, length, ...)")
        _integer(f"{name}.start", segment.start, 0, 65_535)
        _integer(f"{name}.length", segment.length, 1, 65_536)
        _integer(f"{name}.offset", segment.offset, 0, size - 1)
        _integer(f"{name}.shift", segment.shift, SHIFTS[0], SHIFTS[-1])
        end = segment.offset + segment.length
        if end > size:
            refuse(f"{name}.length", segment.length, f"ends at {end} of {size} inputs", "shorten")
        covered.update(range(segment.offset, end))
        if segment.source is not None:
            _check_source(plan, name, segment, pair.lags[lane])
    if len(covered) < size:
        missing = min(set(range(size)) - covered)
        refuse(field, missing, "nothing reaches this element of x", "add a segment that does")


def _check_source(plan, field, segment, lag):
    source = segment.source
    if not isinstance(source, tuple) or len(source) != 2:
        refuse(f"{field}.source", source, "not (pair, lane)", "pass a tuple of two")
    _integer(f"{field}.source[0]", source[0], 0, len(plan.pairs) - 1)
    pair = plan.pairs[source[0]]
    if source[1] not in pair.lanes:
        refuse(f"{field}.source", source, "an empty lane", f"choose from {list(pair.lanes)}")
    end = segment.start + segment.length
    if end > pair.hidden:
        refuse(
            f"{field}.length", segment.length, f"ends at {end} of {pair.hidden} units", "shorten"
        )
    if lag > pair.lags[source[1]] + 1:
        refuse(
            f"{field}.source",
            source,
            f"lag {lag} would skip steps of a source with lag {pair.lags[source[1]]}",
            f"use a lag of {pair.lags[source[1]] + 1} at most",
        )
