"""Schedules to the bytes of U, S, V and bias records."""

import numpy as np

from pynq_lstm.accelerator.design import BEAT, GATES, LANES

TAKE = 1 << 15
HALF = BEAT // 2  # bytes of a lane of V, or of S


def u_records(words, codes, part):
    """Records of the U unit.

    Parameters
    ----------
    words : USchedule
    codes : ndarray, (components, x tiles, u_tile), int8
    part : PartDesign

    Returns
    -------
    ndarray, (words, beats, 16), uint8
    """
    records = np.zeros((words.words, part.u_beats, BEAT), np.uint8)
    lane = words.lane[words.component]
    u_tile = codes.shape[2]
    records[words.word, lane, :u_tile] = codes[words.component, words.tile].view(np.uint8)
    control = np.zeros((words.words, (part.u_beats - part.u_lanes) * HALF), "<u2")
    control[words.word, lane] = words.slot[words.component] | words.tile << 4
    control[words.takes, 0] |= TAKE
    records[:, part.u_lanes :] = control.view(np.uint8).reshape(words.words, -1, BEAT)
    return records


def s_records(words, s, refinement, part):
    """Records of the S unit, one a slot.

    Parameters
    ----------
    words : USchedule
    s : ndarray, (components, lanes), int16
    refinement : ndarray, (components,), int
    part : PartDesign

    Returns
    -------
    ndarray, (slots, beats, 16), uint8
    """
    records = np.zeros((words.slots, part.s_beats * 2, HALF // 2), "<i2")
    count = len(words.lane)
    records[words.slot, words.lane, :LANES] = s[:count]
    records[words.slot, words.lane, LANES] = refinement[:count].astype("<u2").view("<i2")
    return records.view(np.uint8).reshape(words.slots, part.s_beats, BEAT)


def v_records(u_words, words, codes, part):
    """Records of the V unit.

    Parameters
    ----------
    u_words : USchedule
        Where the components' p come from.
    words : VSchedule
    codes : ndarray, (components, gates, h tiles, v_tile), int8
    part : PartDesign

    Returns
    -------
    ndarray, (words, beats, 16), uint8
    """
    lanes, v_tile = GATES * part.v_lanes, codes.shape[3]
    records = np.zeros((words.words, part.v_beats, BEAT), np.uint8)
    halves = np.zeros((words.words, lanes, HALF), np.uint8)
    chosen = codes[words.component, words.gate, words.tile]
    halves[words.word, words.lane, :v_tile] = chosen.view(np.uint8)
    index = np.zeros((words.words, (part.v_beats - lanes // 2 - 1) * BEAT), np.uint8)
    source = u_words.slot[words.component] | u_words.lane[words.component] << 4
    index[words.word, words.lane] = source
    records[:, : lanes // 2] = halves.reshape(words.words, -1, BEAT)
    records[:, lanes // 2 : -1] = index.reshape(words.words, -1, BEAT)
    records[np.cumsum(words.positions) - 1, -1, 0] = 1
    return records


def bias_records(biases, layout, design):
    """Bias records of a pair, one a tile of h.

    Parameters
    ----------
    biases : sequence of ndarray, (4 * hidden,), int32, or None
        One for each member.
    layout : PairLayout
    design : Design or BlockDesign

    Returns
    -------
    ndarray, (h tiles, beats, 16), uint8
    """
    values = np.zeros((layout.h_tiles, GATES, design.v_tile, design.lanes), "<i4")
    for lane, bias in enumerate(biases):
        if bias is not None:
            wide = np.zeros((GATES, layout.h_tiles * design.v_tile), np.int32)
            wide[:, layout.units] = bias.reshape(GATES, -1)
            tiles = wide.reshape(GATES, layout.h_tiles, design.v_tile)
            values[..., lane] = tiles.transpose(1, 0, 2)
    return beats(values.reshape(layout.h_tiles, -1).view(np.uint8))


def beats(rows):
    """Rows of bytes, zeros up to whole beats: (rows, bytes) to (rows, beats, 16) uint8."""
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % BEAT)))
    return padded.reshape(len(rows), -1, BEAT)
