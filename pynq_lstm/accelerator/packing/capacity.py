"""What a design has room for; what it has not is refused with the maximum and a remedy."""

from pynq_lstm.errors import CapacityError
from pynq_lstm.model import PARTS

REMEDY = {
    "u": "compress with fewer refinements, or more zero_u_tiles",
    "s": "compress with fewer refinements, or plan fewer pairs",
    "v": "compress with fewer refinements, or more zero_v_tiles",
}


def _most(design, field, value, most, remedy):
    if value > most:
        raise CapacityError(field, value, f"more than {most}, the most of {design.name}", remedy)


def check_plan(plan, design):
    """Check counts and widths before anything is scheduled; raises `CapacityError`."""
    _most(design, "pairs", len(plan.pairs), design.max_pairs, "run them in several plans")
    for k, pair in enumerate(plan.pairs):
        model = pair.model
        _check_method(k, pair, design)
        if model.activation_bits != design.activation_bits:
            raise CapacityError(
                f"pairs[{k}].model.activation_bits",
                model.activation_bits,
                f"not the {design.activation_bits} of {design.name}",
                f"compress with activation_bits={design.activation_bits}",
            )
        _most(
            design,
            f"pairs[{k}].model.p_bits",
            model.p_bits,
            design.p_bits,
            f"compress with p_bits={design.p_bits}",
        )
        _most(
            design,
            f"pairs[{k}].hidden",
            pair.hidden,
            design.max_hidden,
            "use a smaller network, or another design",
        )
        _most(
            design,
            f"pairs[{k}].inputs",
            pair.inputs,
            design.max_inputs,
            "use a smaller network, or another design",
        )


def _check_method(k, pair, design):
    """Check that the design's engine computes what the model asks for."""
    model, field = pair.model, f"pairs[{k}].model"
    if model.method != design.engine:
        raise CapacityError(
            f"{field}.method",
            model.method,
            f"{design.name} runs {design.engine} models",
            f"load it on an overlay for {model.method} models",
        )
    if len(pair.lanes) > design.lanes:
        raise CapacityError(
            f"pairs[{k}].members",
            pair.members,
            f"more than {design.lanes}, the lanes of {design.name}",
            "give each LSTM a pair of its own",
        )
    if design.engine == "block_diagonal":
        _most(
            design,
            f"{field}.weight_bits",
            model.weight_bits,
            design.weight_bits,
            f"compress with weight_bits={design.weight_bits}",
        )


def check_x(pair, tiles, design):
    """Check the x of a pair, laid out in tiles."""
    _most(
        design,
        f"pairs[{pair}].x_tiles",
        tiles,
        design.max_x_tiles,
        f"cut x in fewer pieces, at multiples of {design.u_tile}",
    )


def check_route(records, design):
    """Check the route records of all pairs."""
    _most(
        design,
        "route_words",
        records,
        design.max_route_words,
        "use fewer or longer segments, or run the pairs in several plans",
    )


def check_components(pair, side, count, design):
    """Check that every component of a part has a slot."""
    lanes = getattr(design, side).u_lanes
    _most(
        design,
        f"pairs[{pair}].model.{side} components",
        count,
        lanes * design.max_slots,
        "compress with fewer refinements",
    )


def check_rows(pair, side, rows, design):
    """Check that a row of operands is there for every class of columns."""
    _most(
        design,
        f"pairs[{pair}].model.{side} rows",
        rows,
        getattr(design, side).rows,
        "use a smaller network, or another design",
    )


def check_block_records(field, used, room, design):
    """Check the records of columns and words of all pairs."""
    _most(design, field, used, room, "use a larger rank, or run the LSTMs in several plans")


def check_words(need, has, design):
    """Check that the memories hold the largest program of every pair."""
    for side in PARTS:
        for unit in "usv":
            field = f"{side} {unit}_words"
            _most(design, field, need[side, unit], has[side, unit], REMEDY[unit])
    _most(design, "programs", need["programs"], has["programs"], "run the pairs in several plans")
