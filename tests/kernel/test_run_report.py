"""The report behind the output of a RUN: which run it was, and what saturated."""

from dataclasses import replace

import numpy as np
import pytest
from designs import TINY
from kernel_runs import DONE, KEEP, MEMORY, ZERO, load
from random_models import sized_model

from pynq_lstm import reference
from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command, NativeKernel
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan

BAD_COMMAND, NOT_LOADED, SHORT_INPUT, SHORT_OUTPUT, BAD_LENGTH = 1, 2, 7, 8, 9
LENGTHS = np.array([3, 1])


@pytest.fixture(scope="module")
def case():
    """A model where p, pre and c saturate, its image, and the arguments of a RUN."""
    rng = np.random.default_rng(6)
    model = sized_model(rng, (9, 9, 9), (13, 13, 13), 4, activation_bits=8, p_bits=6)
    model = replace(model, pre_shift=(2,) * 3, cell_fraction_bits=(14,) * 3)
    x = [rng.integers(-128, 128, (2, 3, 9)) for _ in range(3)]
    h = [rng.integers(-128, 128, (2, 13)) for _ in range(3)]
    c = [rng.integers(-32768, 32768, (2, 13)) for _ in range(3)]
    return model, pack(Plan.of_model(model), TINY), (x, h, c)


@pytest.fixture
def fresh(libraries):
    """Kernels that were just reset."""
    return lambda: NativeKernel(libraries(TINY))


def start(kernel, case, room=0, given=None, sequences=2, state=MEMORY | KEEP):
    """A RUN with `room` beats more than it needs, or less."""
    _, image, (x, h, c) = case
    if given is None:
        given = buffers.run_input(image, x, h, c, LENGTHS, state=bool(state & MEMORY))
    room += buffers.output_beats(image, LENGTHS, bool(state & KEEP))
    return kernel.start(Command.RUN, given, room, sequences, 4, state)


def number(kernel, case):
    """Of a RUN that is done now."""
    registers, out = start(kernel, case)
    assert registers.status == DONE
    return buffers.run_report(case[1], out, LENGTHS).run


def test_runs_count_from_a_reset(fresh, case):
    kernel = fresh()
    load(kernel, case[1])
    assert [number(kernel, case) for _ in range(5)] == [1, 2, 3, 4, 5]
    again = fresh()
    load(again, case[1])
    assert number(again, case) == 1
    assert number(kernel, case) == 6


def test_other_commands_do_not_count(fresh, case):
    kernel, image = fresh(), case[1]
    load(kernel, image)
    assert number(kernel, case) == 1
    room = buffers.state_beats(image)
    state = np.zeros((room, 16), np.uint8)
    for command, beats, out_beats in (
        (Command.IDENTIFY, None, 0),
        (Command.LOAD, image.beats, 0),
        (Command.ECHO, state, room),
        (Command.STATE_WRITE, state, 0),
        (Command.STATE_READ, None, room),
        (Command.RESET_STATE, None, 0),
    ):
        registers, _ = kernel.start(command, beats, out_beats)
        assert registers.status == DONE and registers.written == out_beats
    assert number(kernel, case) == 2


def test_a_refused_run_does_not_count_and_writes_nothing(fresh, case):
    kernel, (_, image, (x, h, c)) = fresh(), case
    assert start(kernel, case)[0].status == NOT_LOADED
    load(kernel, image)
    good = buffers.run_input(image, x, h, c, LENGTHS)
    bad = good.copy()
    bad[0, :4] = 0  # a length
    for status, wrong in (
        (BAD_COMMAND, {"sequences": 0}),
        (BAD_COMMAND, {"state": 3}),
        (SHORT_INPUT, {"given": good[:-1]}),
        (BAD_LENGTH, {"given": bad}),
        (SHORT_OUTPUT, {"room": -1}),
    ):
        registers, out = start(kernel, case, **wrong)
        assert (registers.status, registers.written) == (status, 0) and not out.any()
    assert number(kernel, case) == 1


def test_a_refused_load_keeps_the_count(fresh, case):
    kernel = fresh()
    load(kernel, case[1])
    number(kernel, case)
    assert kernel.start(Command.LOAD, case[1].beats[:-1])[0].status
    assert number(kernel, case) == 2


@pytest.mark.parametrize("state", [ZERO, ZERO | KEEP, MEMORY, MEMORY | KEEP])
def test_the_report_is_the_last_beat(fresh, case, state):
    kernel, (model, image, (x, h, c)) = fresh(), case
    load(kernel, image)
    registers, out = start(kernel, case, room=2, state=state)
    begin = (h, c) if state & MEMORY else [[0 * a for a in h]] * 2
    saturated = reference.run(model, x, *begin, LENGTHS, 4).saturated
    assert all(saturated.values())
    keep = bool(state & KEEP)
    report = buffers.run_report(image, out, LENGTHS, keep)
    assert (report.run, report.saturated) == (1, saturated)
    assert buffers.run_output(image, out, LENGTHS, state=keep).saturated == saturated
    assert registers.written == buffers.output_beats(image, LENGTHS, keep) == len(out) - 2
    words = [1, saturated["p"], saturated["pre"], saturated["c"]]
    assert out[-3].view("<u4").tolist() == words and not out[-2:].any()
