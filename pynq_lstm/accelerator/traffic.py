"""Memory traffic: beats of 16 bytes that commands move over the ports of the kernel.

Weights stay in the kernel's memories, so a wave moves its x and its h only (`buffers.wave_beats`);
an image is read twice and what a program works through once more, since every record is checked
before the first one is written. The timed simulation counts the same beats:
``tests/hls/test_random_designs.py``.
"""

import numpy as np

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.packing.directory import CHECKED_FROM, HEADER_BEATS, PAIR_BEATS
from pynq_lstm.model import PARTS

PROGRAM_READS = 2  # of its prefix, a beat for each part
PART_READS = 2  # of a part of a program


def run_beats(image, lengths, state=False, keep=False):
    """Beats of a RUN.

    Parameters
    ----------
    image : Image
    lengths : sequence of int
        Of the sequences.
    state, keep : bool
        Whether the states come from memory, and go there.

    Returns
    -------
    read, written : int
        The lengths count twice: they are checked before the first wave.
    """
    lengths = np.asarray(lengths)
    read = buffers.input_beats(image, lengths, state) + len(lengths)
    return read, buffers.output_beats(image, lengths, keep)


def load_beats(image):
    """Beats that a LOAD reads: header, checksum, checks of every record, the image once more.

    Parameters
    ----------
    image : Image

    Returns
    -------
    int
    """
    beats = len(image.beats)
    read = HEADER_BEATS + (beats - CHECKED_FROM) + beats
    read += PAIR_BEATS * len(image.pairs) + sum(layout.route_words for layout in image.pairs)
    records = _RECORDS[image.design.engine]
    for program in image.programs:
        read += PROGRAM_READS + sum(PART_READS + records(image, program, side) for side in PARTS)
    return read


def _svd(image, program, side):
    design, words = getattr(image.design, side), getattr(program, side)
    return words.u.words * design.u_beats + words.v.words * design.v_beats


def _block_diagonal(image, program, side):
    layout, design = image.pairs[program.pair], image.design
    tiles = {"input": layout.x_tiles, "hidden": layout.h_tiles}[side]
    return tiles * design.column_beats + getattr(program, side).words * design.word_beats


_RECORDS = {"svd": _svd, "block_diagonal": _block_diagonal}
