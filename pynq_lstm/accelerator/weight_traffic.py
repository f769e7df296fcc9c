"""Bytes that a step's weights take in memory: the records of the programs that it runs."""

from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.timing.counts import prefix
from pynq_lstm.model import PARTS


def weight_bytes(image, refinements=None):
    """Bytes of the records that a step reads, those that pairs share counted once.

    Indices beside the codes are in it; programs of other prefixes, biases and routes are not.

    Parameters
    ----------
    image : Image
    refinements : int, optional
        The prefix that runs. Default: the longest.

    Returns
    -------
    int
    """
    longest = prefix(refinements)
    programs = [image.program(k, longest) for k in range(len(image.pairs))]
    of_engine = {"svd": _svd, "block_diagonal": _block_diagonal}[image.design.engine]
    lists = {}  # by where they lie
    for layout, program in zip(image.pairs, programs):
        for side in PARTS:
            lists.update(of_engine(image.design, layout, side, getattr(program, side)))
    return BEAT * sum(lists.values())


def _svd(design, layout, side, own):
    part = getattr(design, side)
    return {
        (side, "u", own.u_start): part.u_beats * own.u.words,
        (side, "s", own.s_start): part.s_beats * own.u.slots,
        (side, "v", own.v_start): part.v_beats * own.v.words,
    }


def _block_diagonal(design, layout, side, own):
    tiles = {"input": layout.x_tiles, "hidden": layout.h_tiles}[side]
    return {
        (side, "columns", own.column_start): design.column_beats * tiles,
        (side, "words", own.word_start): design.word_beats * own.words,
    }
