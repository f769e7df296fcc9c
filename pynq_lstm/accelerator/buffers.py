"""What RUN reads and writes: docs/accelerator_image.md, sections 3 and 4.

Arrays of the LSTMs are lists in the order of ``plan.members``. Sequences lie in memory one
after another, each only as long as its length asks for.
"""

import struct
from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.accelerator.states import by_member, pack_state, state_beats, unpack_state
from pynq_lstm.reference import IntegerResult

REPORT_BEATS = 1  # behind the output


@dataclass(frozen=True)
class RunReportBeat:
    """The last beat of a RUN's output.

    Attributes
    ----------
    run : int
        RUNs that the kernel has finished since its last reset, this one included; 32 bits, wraps.
    clipped_p, clipped_pre, clipped_c : int
        Values that saturated, over valid steps only.
    """

    run: int
    clipped_p: int
    clipped_pre: int
    clipped_c: int

    @property
    def saturated(self):
        """The counts by kind, as in `IntegerResult`."""
        return {"p": self.clipped_p, "pre": self.clipped_pre, "c": self.clipped_c}


def wave_beats(image):
    """Beats of the input and of the output of a wave, all pairs.

    Returns
    -------
    input, output : int
    """
    design = image.design
    tiles = sum(len(layout.external) for layout in image.pairs)
    units = sum(layout.h_tiles for layout in image.pairs)
    return tiles * design.lanes * design.x_beats, units * design.h_beats


def input_beats(image, lengths, state=True):
    """Beats that RUN reads for sequences of these lengths."""
    per_wave, _ = wave_beats(image)
    head = 1 + (state_beats(image) if state else 0)
    return sum(head + (int(n) + image.plan.largest_lag) * per_wave for n in lengths)


def output_beats(image, lengths, state=True):
    """Beats that RUN writes for sequences of these lengths, its report included."""
    _, per_wave = wave_beats(image)
    tail = state_beats(image) if state else 0
    waves = (int(n) + image.plan.largest_lag for n in lengths)
    return sum(tail + count * per_wave for count in waves) + REPORT_BEATS


def run_input(image, x, h, c, lengths, state=True):
    """The input of RUN.

    Parameters
    ----------
    image : Image
    x : list of (ndarray, (batch, time, external size), int, or None)
        Codes; None for an LSTM without external input.
    h, c : list of ndarray, (batch, hidden), int
        Where sequences start; not looked at without `state`.
    lengths : ndarray, (batch,), int
        1 to time.
    state : bool
        Whether the states come from memory.

    Returns
    -------
    ndarray, (beats, 16), uint8
    """
    lengths = np.asarray(lengths)
    batch, waves = len(lengths), int(lengths.max()) + image.plan.largest_lag
    head = np.zeros((batch, 1, BEAT), np.uint8)
    head[:, 0, :4] = lengths.astype("<u4")[:, None].view(np.uint8)
    parts = [head]
    if state:
        parts.append(pack_state(image, h, c))
    first = sum(part.shape[1] for part in parts)
    per_wave, _ = wave_beats(image)
    parts.append(_waves(image, x, batch, waves).reshape(batch, waves * per_wave, BEAT))
    rows = np.concatenate(parts, axis=1)
    ends = first + (lengths + image.plan.largest_lag) * per_wave
    return _ragged(rows, ends)


def run_report(image, beats, lengths, state=True):
    """The report of a RUN, without a look at the rest of its output.

    Parameters
    ----------
    image : Image
    beats : ndarray, uint8
        What the kernel wrote, `output_beats` of it at least.
    lengths : ndarray, (batch,), int
    state : bool
        Whether the kernel wrote the states.

    Returns
    -------
    RunReportBeat
    """
    last = output_beats(image, lengths, state) - 1
    return read_report(np.asarray(beats, np.uint8).reshape(-1, BEAT)[last])


def run_output(image, beats, lengths, time=None, state=True):
    """The output of RUN as the result that other back ends give.

    Parameters
    ----------
    image : Image
    beats : ndarray, uint8
        What the kernel wrote, `output_beats` of it at least.
    lengths : ndarray, (batch,), int
    time : int, optional
        Steps of the result; default: the longest length.
    state : bool
        Whether the kernel wrote the states; without, h and c are empty lists.

    Returns
    -------
    IntegerResult
        int16, in the order of ``plan.members``; what saturated is from the report.
    """
    lengths = np.asarray(lengths)
    batch, lag = len(lengths), image.plan.largest_lag
    waves = int(lengths.max()) + lag
    _, per_wave = wave_beats(image)
    tail = state_beats(image) if state else 0
    flat = np.asarray(beats, np.uint8).reshape(-1, BEAT)
    rows, ends = np.zeros((batch, waves * per_wave, BEAT), np.uint8), []
    end = 0
    for row, length in zip(rows, lengths.tolist()):  # a slice a sequence
        own = (length + lag) * per_wave
        row[:own] = flat[end : end + own]
        ends.append(end + own)
        end += own + tail
    out = _outputs(image, rows.reshape(batch, waves, per_wave, BEAT), lengths, time)
    h, c = [], []
    if state:
        h, c = unpack_state(image, np.stack([flat[e : e + tail] for e in ends]))
    return IntegerResult(out, h, c, read_report(flat[end]).saturated)


def read_report(beat):
    """The `RunReportBeat` in a beat, ndarray, (16,), uint8."""
    return RunReportBeat(*struct.unpack("<4I", beat.tobytes()))


def _waves(image, x, batch, waves):
    """External tiles of every wave, (batch, waves, beats, 16)."""
    design = image.design
    tiles = sum(len(layout.external) for layout in image.pairs)
    memory = np.zeros((batch, waves, tiles, design.lanes, design.x_beats * BEAT), np.uint8)
    codes = memory.view(f"<i{design.activation_bytes}")[..., : design.u_tile]
    first = 0
    for k, layout in enumerate(image.pairs):
        last = first + len(layout.external)
        for place, own in zip(image.plan.members, x):
            if place[0] == k and own is not None and len(layout.external):
                _fill(
                    codes[:, :, first:last, place[1]],
                    own,
                    layout.external[:, place[1]],
                    image.plan.pairs[k].lags[place[1]],
                )
        first = last
    return memory


def _fill(codes, x, columns, lag):
    """Put x (batch, time, size) into tiles (batch, waves, tiles, u_tile), `lag` waves later."""
    time = min(x.shape[1], codes.shape[1] - lag)
    used = columns.reshape(-1)
    tiles = np.zeros((len(x), time, len(used)), codes.dtype)
    for place, column, length in _runs(used):
        tiles[..., place : place + length] = x[:, :time, column : column + length]
    codes[:, lag : lag + time] = tiles.reshape(len(x), time, *columns.shape)


def _runs(columns):
    """Runs of ascending columns, without the -1: their places, first columns and lengths."""
    places = np.flatnonzero(columns >= 0)
    steps = (np.diff(places) != 1) | (np.diff(columns[places]) != 1)
    for run in np.split(places, np.flatnonzero(steps) + 1):
        if len(run):
            yield run[0], columns[run[0]], len(run)


def _outputs(image, rows, lengths, time):
    """out of every member, (batch, time, hidden); rows are (batch, waves, beats, 16)."""
    design, longest = image.design, int(lengths.max())
    tiles = rows.reshape(*rows.shape[:2], -1, design.h_beats, BEAT)
    result = []
    for (k, lane), values in zip(
        image.plan.members, by_member(image, tiles, design.activation_bits)
    ):
        lag = image.plan.pairs[k].lags[lane]
        out = values[:, lag : lag + longest]
        out[np.arange(longest) >= lengths[:, None]] = 0
        behind = (time or longest) - longest
        result.append(np.pad(out, ((0, 0), (0, behind), (0, 0))) if behind else out)
    return result


def _ragged(rows, ends):
    """The first `ends` of the rows of each sequence, one sequence after another."""
    if (ends == rows.shape[1]).all():
        return rows.reshape(-1, BEAT)
    return np.concatenate([row[:end] for row, end in zip(rows, ends)])
