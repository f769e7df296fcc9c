"""Runs of the compiled kernel, in the terms of `reference.run`."""

import numpy as np

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command
from pynq_lstm.model import PARTS

DONE = 0
ZERO, MEMORY, RESIDENT, KEEP = 0, 1, 2, 4  # the register `state`


def load(kernel, image):
    registers, _ = kernel.start(Command.LOAD, image.beats)
    assert registers.status == DONE, registers


def run(kernel, image, x, h, c, lengths, refinements, state=MEMORY | KEEP):
    """One RUN of a loaded image; returns its result and its registers."""
    time = max(a.shape[1] for a in x if a is not None)
    given = buffers.run_input(image, x, h, c, lengths, state=bool(state & MEMORY))
    room = buffers.output_beats(image, lengths, state=bool(state & KEEP))
    registers, out = kernel.start(Command.RUN, given, room, len(lengths), refinements, state)
    assert registers.status == DONE, registers
    assert registers.written == room
    report = buffers.run_report(image, out, lengths, bool(state & KEEP))
    registers_say = registers.clipped_p, registers.clipped_pre, registers.clipped_c
    assert (report.clipped_p, report.clipped_pre, report.clipped_c) == registers_say
    return buffers.run_output(image, out, lengths, time, bool(state & KEEP)), registers


def assert_equal(result, expected):
    """0 LSB in out, h and c, and the same counts of what saturated."""
    for name in ("out", "h", "c"):
        for found, wanted in zip(getattr(result, name), getattr(expected, name), strict=True):
            np.testing.assert_array_equal(found, wanted, err_msg=name)
    assert result.saturated == expected.saturated


def words_of(image, refinements, lengths):
    """What u_words and v_words must count, by the image's programs."""
    calls = sum(int(n) + image.plan.largest_lag for n in lengths)
    programs = [image.program(k, refinements) for k in range(len(image.plan.pairs))]
    if image.design.engine == "block_diagonal":
        return tuple(calls * sum(getattr(p, side).words for p in programs) for side in PARTS)
    u = sum(p.input.u.words + p.hidden.u.words for p in programs)
    v = sum(p.input.v.words + p.hidden.v.words for p in programs)
    return calls * u, calls * v
