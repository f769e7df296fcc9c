"""What makes a design valid; every violation names its field, the value and what would do."""

import re
from dataclasses import fields

from pynq_lstm.errors import DesignError, ModelFormatError
from pynq_lstm.model_file.strict_json import parse as parse_json

U16 = 65_535  # the image counts words in 16 bits
RANGES = {
    "version": range(1, U16 + 1),
    "clock_mhz": range(1, 1001),
    "activation_bits": (8, 16),
    "p_bits": range(4, 17),
    "u_tile": (4, 8, 16),  # a tile of codes of a lane is a beat at most
    "v_tile": (2, 4, 8),  # elements of v go in twos
    "max_inputs": range(2, 4097),
    "max_hidden": range(2, 4097),
    "max_pairs": range(1, 129),
    "max_programs": range(1, U16 + 1),
    "max_slots": range(1, 17),
    "max_route_words": range(1, 513),  # the kernel adds up to as many terms of 24 bits exactly
    "take_distance": range(1, 65),
}
PART_RANGES = {
    "u_lanes": range(1, 17),  # four bits of a V record name the lane
    "v_lanes": range(1, 65),
    "u_words": range(1, U16 + 1),
    "s_words": range(1, U16 + 1),
    "v_words": range(1, U16 + 1),
}


def refuse(field, value, problem, remedy):
    """Raise the error of this module."""
    raise DesignError(f"design.{field}", value, problem, remedy)


def parse(text):
    """The JSON of a design."""
    try:
        return parse_json("design", text)
    except ModelFormatError as error:
        raise DesignError(
            "design", error.value, error.problem, "copy design.json from overlays/ again"
        ) from None


def check_keys(values, design, part):
    """Check that `values` has the fields of `design`, its parts those of `part`."""
    _keys("", values, [f.name for f in fields(design)])
    for side in ("input", "hidden"):
        _keys(f"{side}.", values[side], [f.name for f in fields(part)])


def _keys(prefix, values, names):
    if not isinstance(values, dict):
        refuse(prefix.rstrip(".") or "text", values, "not an object", f"give it {names}")
    for name in names:
        if name not in values:
            refuse(prefix + name, None, "missing", "take it from a design in overlays/")
    for name in values:
        if name not in names:
            refuse(prefix + name, values[name], "unknown", f"leave it out; known are {names}")


def check(design):
    """Check every field of a `Design`; raises `DesignError`."""
    check_fields(design, RANGES, PART_RANGES)
    _check_tiles(design)
    _check_depths(design)


def check_fields(design, ranges, part_ranges):
    """Check the names of a design, and that its numbers are within ranges."""
    for name, pattern in (("name", r"[a-z][a-z0-9_]*"), ("part", r"[a-z0-9-]+")):
        value = getattr(design, name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value) or len(value) > 64:
            refuse(name, value, "not a name", f"use up to 64 characters, {pattern}")
    for name, allowed in ranges.items():
        _number(name, getattr(design, name), allowed)
    for side in ("input", "hidden"):
        for name, allowed in part_ranges.items():
            _number(f"{side}.{name}", getattr(getattr(design, side), name, None), allowed)


def _number(name, value, allowed):
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(name, value, "not an integer", f"use {_shown(allowed)}")
    if value not in allowed:
        refuse(name, value, "out of range", f"use {_shown(allowed)}")


def _shown(allowed):
    if isinstance(allowed, range):
        return f"{allowed[0]} to {allowed[-1]}"
    return "one of " + ", ".join(str(v) for v in allowed)


def _check_tiles(design):
    if design.u_tile != 2 * design.v_tile:
        refuse("v_tile", design.v_tile, f"not half of u_tile {design.u_tile}", "two must make one")
    for name in ("max_inputs", "max_hidden"):
        value = getattr(design, name)
        if value % design.u_tile:
            refuse(name, value, f"not whole tiles of {design.u_tile}", "use a multiple of u_tile")
        if value // design.u_tile > 256:
            refuse(name, value, "more than 256 tiles", f"use {256 * design.u_tile} at most")


def _check_depths(design):
    """The largest single model must have room for at least its own tiles."""
    biases = design.max_pairs * design.max_h_tiles
    for name, value, least, what in (
        ("max_programs", design.max_programs, design.max_pairs, "one for each pair"),
        ("max_route_words", design.max_route_words, design.max_x_tiles, "one for each tile of x"),
        ("input.u_words", design.input.u_words, design.x_tiles("input"), "a word takes one tile"),
        ("hidden.u_words", design.hidden.u_words, design.x_tiles("hidden"), "a word takes one"),
        ("input.v_words", design.input.v_words, design.max_h_tiles, "one for each tile of h"),
        ("hidden.v_words", design.hidden.v_words, design.max_h_tiles, "one for each tile of h"),
    ):
        if value < least:
            refuse(name, value, f"less than {least}: {what}", f"use {least} or more")
    if biases > U16:
        refuse("max_pairs", design.max_pairs, f"{biases} tiles of bias", f"{U16} at most")
