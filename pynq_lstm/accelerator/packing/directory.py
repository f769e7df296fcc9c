"""Header, pairs and programs of an image, and the image put together."""

import struct
import zlib

import numpy as np

from pynq_lstm.accelerator import identity
from pynq_lstm.accelerator.design import BEAT, LANES

HEADER_BEATS, PAIR_BEATS, PROGRAM_BEATS = 5, 2, 2
CHECKED_FROM = 2  # the CRC covers the beats from here on
PRE_SHIFT_BIAS = 8


def directory(plan, design, layouts, programs, sections):
    """The whole image.

    Parameters
    ----------
    plan : Plan
    design : Design
    layouts : list of PairLayout
    programs : list of Program
        Those of a pair one after another, ascending prefixes.
    sections : Sections

    Returns
    -------
    ndarray, (beats, 16), uint8
    """
    rows = sections.in_order()
    counts = struct.pack("<8I", *(len(section) for section in rows))
    body = b"".join(
        [
            _counts(plan, layouts, programs),
            counts,
            *(_pair(plan, k, layout, programs) for k, layout in enumerate(layouts)),
            *(_program(program) for program in programs),
            *(section.tobytes() for section in rows),
        ]
    )
    beats = CHECKED_FROM + len(body) // BEAT
    head = struct.pack(
        "<IIQIIQ",
        identity.IMAGE_MAGIC,
        identity.IMAGE_VERSION,
        design.hash64,
        beats,
        zlib.crc32(body),
        0,
    )
    return np.frombuffer(head + body, np.uint8).reshape(beats, BEAT).copy()


def _counts(plan, layouts, programs):
    collected = sum(layout.h_tiles for layout in layouts if layout.collected)
    largest = max(program.prefix for program in programs)
    return struct.pack("<4I", len(plan.pairs), len(programs), largest, collected)


def _pair(plan, k, layout, programs):
    sizes = struct.pack(
        "<8H",
        layout.x_tiles,
        layout.h_tiles,
        len(layout.external),
        layout.route_start,
        layout.route_words,
        sum(program.pair == k for program in programs),
        layout.bias_start,
        layout.collected,
    )
    return sizes + b"".join(_lane(plan.pairs[k], lane) for lane in range(LANES))


def _lane(pair, lane):
    j, model = pair.members[lane], pair.model
    if j is None:
        return bytes(BEAT // LANES)
    return struct.pack(
        "<8B",
        1,
        model.input.s_shift[j],
        model.hidden.s_shift[j],
        model.pre_shift[j] + PRE_SHIFT_BIAS,
        model.cell_fraction_bits[j],
        pair.lags[lane],
        model.p_bits,
        0,
    )


def _program(program):
    return b"".join(
        struct.pack(
            "<8H",
            part.u_start,
            part.u.words,
            part.s_start,
            part.u.slots,
            part.v_start,
            part.v.words,
            program.prefix,
            0,
        )
        for part in (program.input, program.hidden)
    )
