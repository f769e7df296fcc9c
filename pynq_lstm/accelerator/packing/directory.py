"""Header, pairs and programs of an image, and the image put together."""

import struct
import zlib

import numpy as np

from pynq_lstm.accelerator import identity
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.packing.engines import ENGINES

HEADER_BEATS, PAIR_BEATS, PROGRAM_BEATS = 5, 2, 2
CHECKED_FROM = 2  # the CRC covers the beats from here on
PRE_SHIFT_BIAS = 8
SECTIONS = 8  # that the header has room for


def directory(plan, design, layouts, programs, sections):
    """The whole image.

    Parameters
    ----------
    plan : Plan
    design : Design
    layouts : list of PairLayout
    programs : list of Program
        Those of a pair one after another, ascending prefixes.
    sections : list of ndarray, (records, beats, 16), uint8

    Returns
    -------
    ndarray, (beats, 16), uint8
    """
    counts = [len(section) for section in sections]
    body = b"".join(
        [
            _counts(plan, layouts, programs),
            struct.pack(f"<{SECTIONS}I", *counts, *[0] * (SECTIONS - len(counts))),
            *(_pair(plan, design, k, own, programs) for k, own in enumerate(layouts)),
            *(program.packed() for program in programs),
            *(section.tobytes() for section in sections),
        ]
    )
    beats = CHECKED_FROM + len(body) // BEAT
    head = struct.pack(
        "<IIQIIII",
        identity.IMAGE_MAGIC,
        identity.IMAGE_VERSION,
        design.hash64,
        beats,
        zlib.crc32(body),
        identity.ENGINES[design.engine],
        0,
    )
    return np.frombuffer(head + body, np.uint8).reshape(beats, BEAT).copy()


def _counts(plan, layouts, programs):
    collected = sum(layout.h_tiles for layout in layouts if layout.collected)
    largest = max(program.prefix for program in programs)
    return struct.pack("<4I", len(plan.pairs), len(programs), largest, collected)


def _pair(plan, design, k, layout, programs):
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
    lanes = b"".join(_lane(plan.pairs[k], lane, design) for lane in range(design.lanes))
    return sizes + lanes.ljust(BEAT, b"\0")


def _lane(pair, lane, design):
    j, model = pair.members[lane], pair.model
    if j is None:
        return bytes(BEAT // 2)
    shifts = ENGINES[design.engine].shifts
    return struct.pack(
        "<8B",
        1,
        shifts(model.input, j),
        shifts(model.hidden, j),
        model.pre_shift[j] + PRE_SHIFT_BIAS,
        model.cell_fraction_bits[j],
        pair.lags[lane],
        model.p_bits,
        16 - model.gate_bits | 16 - model.cell_bits << 4,
    )
