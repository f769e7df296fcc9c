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


END = """
}} // namespace design

#include "{kernel}/image.h"
"""


def config_header(design):
    """The text of ``config.h``: constants of `design`, and assertions on what divides what.

    Parameters
    ----------
    design : Design or BlockDesign

    Returns
    -------
    str
    """
    lines = _shared(design) + _ENGINES[design.engine](design)
    return HEADER.format(name=design.name) + "\n".join(lines) + END.format(kernel=design.kernel)


def _shared(d):
    """What the kernels of all engines are made with."""
    return [
        _constant("kMagic", f"0x{identity.MAGIC:08X}u", "std::uint32_t"),
        _constant("kVersion", f"{identity.VERSION}u", "std::uint32_t"),
        _constant("kImageMagic", f"0x{identity.IMAGE_MAGIC:08X}u", "std::uint32_t"),
        _constant("kImageVersion", f"{identity.IMAGE_VERSION}u", "std::uint32_t"),
        _constant("kDesignHash", f"0x{d.hash64:016X}ull", "std::uint64_t"),
        _constant("kEngine", f"{identity.ENGINES[d.engine]}u", "std::uint32_t"),
        _constant("kActivationBits", d.activation_bits),
        _constant("kPBits", d.p_bits),
        _constant("kLanes", d.lanes),
        _constant("kUTile", d.u_tile),
        _constant("kVTile", d.v_tile),
        _constant("kMaxXTiles", d.max_x_tiles),
        _constant("kMaxHTiles", d.max_h_tiles),
        _constant("kMaxPairs", d.max_pairs),
        _constant("kMaxPrograms", d.max_programs),
        _constant("kMaxRouteWords", d.max_route_words),
        'static_assert(kMaxPairs * kMaxHTiles <= 65535, "sixteen bits name a record");',
        'static_assert(kActivationBits == 8 || kActivationBits == 16, "whole bytes");',
    ]


def _svd(d):
    lines = [
        _constant("kNarrows", 0),  # gates and c have 16 bits
        _constant("kDspMultipliers", 1),
        _constant("kMaxInputs", d.max_inputs),
        _constant("kMaxHidden", d.max_hidden),
        _constant("kMaxSlots", d.max_slots),
        _constant("kTakeDistance", d.take_distance),
        "",
    ]
    for side in ("input", "hidden"):
        lines += _svd_part(side, d)
    lines += [
        'static_assert(kUTile == 2 * kVTile, "two tiles of h make one tile of x");',
        'static_assert(kMaxInputs == kMaxXTiles * kUTile, "x has whole tiles");',
        'static_assert(kMaxHidden == kMaxHTiles * kVTile, "h has whole tiles");',
        'static_assert(kMaxXTiles <= 256 && Hidden::kXTiles <= 256, "eight bits name a tile");',
        'static_assert(kMaxSlots <= 16, "four bits name a slot");',
    ]
    return lines


def _block_diagonal(d):
    lines = [
        _constant("kNarrows", 1),  # gates and c have as many bits as a model says
        _constant("kDspMultipliers", int(d.multipliers == "dsp")),
        _constant("kWeightBits", d.weight_bits),
        _constant("kColumns", d.columns),
        _constant("kSlices", d.slices),
        "",
    ]
    for side in ("input", "hidden"):
        part = getattr(d, side)
        values = {
            "kWords": part.words,
            "kTiles": part.tiles,
            "kRows": part.rows,
            "kXTiles": d.x_tiles(side),
        }
        lines += _struct(side.capitalize(), values)
    lines += [
        'static_assert(Hidden::kXTiles <= 256, "eight bits name a tile");',
        'static_assert(Input::kRows <= 256 && Hidden::kRows <= 256, "eight bits name a row");',
    ]
    return lines


_ENGINES = {"svd": _svd, "block_diagonal": _block_diagonal}


def _struct(name, values):
    inside = (_constant(k, v, indent="  ", static="static ") for k, v in values.items())
    return [f"struct {name} {{", *inside, "};"]


def _constant(name, value, kind="int", indent="", static=""):
    return f"{indent}{static}constexpr {kind} {name} = {value};"


def _svd_part(side, design):
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
        *_struct(name, values),
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
