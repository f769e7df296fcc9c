"""The kernel's ``config.h`` from a design: ``python -m pynq_lstm.accelerator.config DESIGN``."""

import argparse
import sys

from pynq_lstm.accelerator import identity
from pynq_lstm.accelerator.design import Design
from pynq_lstm.errors import PynqLstmError

HEADER = """\
// Generated from design.json of {name}; do not edit.
#pragma once
#include <cstdint>

namespace design {{
"""


def config_header(design):
    """The text of ``config.h``: constants of `design`, and assertions on what divides what.

    Parameters
    ----------
    design : Design

    Returns
    -------
    str
    """
    d = design
    lines = [
        _constant("kMagic", f"0x{identity.MAGIC:08X}u", "std::uint32_t"),
        _constant("kVersion", f"{identity.VERSION}u", "std::uint32_t"),
        _constant("kImageMagic", f"0x{identity.IMAGE_MAGIC:08X}u", "std::uint32_t"),
        _constant("kImageVersion", f"{identity.IMAGE_VERSION}u", "std::uint32_t"),
        _constant("kDesignHash", f"0x{d.hash64:016X}ull", "std::uint64_t"),
        _constant("kActivationBits", d.activation_bits),
        _constant("kPBits", d.p_bits),
        _constant("kUTile", d.u_tile),
        _constant("kVTile", d.v_tile),
        _constant("kMaxInputs", d.max_inputs),
        _constant("kMaxHidden", d.max_hidden),
        _constant("kMaxXTiles", d.max_x_tiles),
        _constant("kMaxHTiles", d.max_h_tiles),
        _constant("kMaxPairs", d.max_pairs),
        _constant("kMaxPrograms", d.max_programs),
        _constant("kMaxSlots", d.max_slots),
        _constant("kMaxRouteWords", d.max_route_words),
        _constant("kTakeDistance", d.take_distance),
        "",
    ]
    for side in ("input", "hidden"):
        lines += _part(side, d)
    lines += [
        'static_assert(kUTile == 2 * kVTile, "two tiles of h make one tile of x");',
        'static_assert(kMaxInputs == kMaxXTiles * kUTile, "x has whole tiles");',
        'static_assert(kMaxHidden == kMaxHTiles * kVTile, "h has whole tiles");',
        'static_assert(kMaxXTiles <= 256 && Hidden::kXTiles <= 256, "eight bits name a tile");',
        'static_assert(kMaxSlots <= 16, "four bits name a slot");',
        'static_assert(kMaxPairs * kMaxHTiles <= 65535, "sixteen bits name a record");',
        'static_assert(kActivationBits == 8 || kActivationBits == 16, "whole bytes");',
    ]
    return HEADER.format(name=d.name) + "\n".join(lines) + "\n} // namespace design\n"


def _constant(name, value, kind="int", indent="", static=""):
    return f"{indent}{static}constexpr {kind} {name} = {value};"


def _part(side, design):
    part = getattr(design, side)
    name = side.capitalize()
    values = {
        "kULanes": part.u_lanes,
        "kVLanes": part.v_lanes,
        "kUWords": part.u_words,
        "kSWords": part.s_words,
        "kVWords": part.v_words,
        "kXTiles": design.x_tiles(side),
    }
    return [
        f"struct {name} {{",
        *(_constant(k, v, indent="  ", static="static ") for k, v in values.items()),
        "};",
        f'static_assert({name}::kULanes <= 16, "four bits name a lane");',
        f'static_assert({name}::kUWords >= {name}::kXTiles, "a word takes one tile");',
        f'static_assert({name}::kVWords >= kMaxHTiles, "a tile of h has a word");',
        "",
    ]


def main(arguments=None):
    """Print the header of the design in a file."""
    parser = argparse.ArgumentParser(prog="python -m pynq_lstm.accelerator.config")
    parser.add_argument("design", help="a design.json")
    path = parser.parse_args(arguments).design
    try:
        sys.stdout.write(config_header(Design.load(path)))
    except (OSError, PynqLstmError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
