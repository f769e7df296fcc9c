"""Register accesses and buffer operations of whole uses of a board fail one by one.

The emulator counts operations; a trial makes one of them raise and then asks what a user would:
does the process go on, does the next call work, is every buffer back? A KeyboardInterrupt in
place of an OSError is a Ctrl-C at that moment.
"""

import contextlib
import gc
from collections import Counter
from dataclasses import dataclass
from typing import Callable, List, Tuple

import numpy as np
from pynq_state import forget
from small_model import stack_case
from small_sessions import CASES, TINY, expected, open_session, variants

import pynq_lstm as pl
from pynq_lstm.runtime.emulator.device import EmulatedDevice

MISUSE = "bus_faults", "inputs_changed", "writes_while_running"


@dataclass(frozen=True)
class Use:
    """What somebody does with a board.

    Attributes
    ----------
    sessions : list of (CompressedModel or CompressedNetwork, str)
        Models and overlays that are opened.
    work : callable
        Takes the sessions, yields answers.
    answers : list of ndarray
        What they should be.
    """

    sessions: List[Tuple]
    work: Callable
    answers: List[np.ndarray]


def uses():
    """The uses by name."""
    (model, x), (other, y), _ = CASES
    out, others = expected(model, x), expected(other, y)
    inputs = variants(x, 3)

    def infer(session):
        for _ in range(2):
            yield session.infer(x)[0]

    def infer_many(session):
        for answer, _ in session.infer_many(inputs):
            yield answer

    def stream(session):
        with session.stream() as opened:
            for t in range(3):
                yield opened.step(x[:, 0, t])

    def one_start(session):
        assert session.starts == "one"
        with session.stream() as opened:
            for t in range(2):
                yield opened.step(stacked[0, t])
                yield session.infer(stacked)[0]

    def in_turn(first, second):
        with first.stream() as opened:
            for t in range(2):
                yield opened.step(x[:, 0, t])
                yield second.infer(y)[0]

    steps = [out[:, 0, t] for t in range(3)]
    alternating = [steps[0], others, steps[1], others]
    one = [(model, TINY)]
    network, stacked = stack_case()
    above = expected(network, stacked)
    return {
        "infer": Use(one, infer, [out, out]),
        "infer_many": Use(one, infer_many, [expected(model, a) for a in inputs]),
        "stream": Use(one, stream, steps),
        "a network in one start": Use(
            [(network, TINY)], one_start, [above[0, 0], above, above[0, 1], above]
        ),
        "two sessions": Use([*one, (other, TINY)], in_turn, alternating),
        "two overlays": Use([*one, (other, "svd_lstm")], in_turn, alternating),
    }


def operations(use):
    """How many operations a use takes, from loading to closing."""
    with _board() as device:
        _fresh(use, device)
        return device.operations


def trial(use, number, error):
    """Let operation `number` fail; returns what the user saw of it.

    Returns
    -------
    str
        "load", "use" or "close": where an error came up; "nothing" if nowhere.
    """
    with _board() as device:
        device.faults.fail_operation(number, error)
        try:
            seen = _failing_use(use, device, error)
        except KeyboardInterrupt as second:  # would end the whole test run
            raise AssertionError(f"operation {number}: raised where nothing failed") from second
        assert device.operations >= number, f"operation {number} did not come"
        if device.live_buffers:  # maybe held by a traceback
            gc.collect()
        assert device.live_buffers == 0, f"operation {number}: {device.live_buffers} buffers left"
        _fresh(use, device)  # whatever happened, fresh sessions on the same board work
        assert device.live_buffers == 0
        wrong = {name: getattr(device, name) for name in MISUSE if getattr(device, name)}
        assert not wrong, f"operation {number}: {wrong}"
    return seen


def run(use, numbers, error=OSError):
    """Trials of these operations; how often each outcome was seen."""
    return Counter(trial(use, number, error) for number in numbers)


@contextlib.contextmanager
def _board():
    forget()  # or pynq would program the clocks of another device
    device = EmulatedDevice()
    try:
        yield device
    finally:
        device.close()


def _fresh(use, device):
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(open_session(device, *one)) for one in use.sessions]
        _check(use, opened, [])


def _check(use, opened, got):
    """Work, and compare every answer at once."""
    for answer, wanted in zip(use.work(*opened), use.answers):
        got.append(answer)
        np.testing.assert_array_equal(answer, wanted)
    assert len(got) == len(use.answers)


def _failing_use(use, device, error):
    caught, opened, seen = (pl.DeviceError, error), [], "load"
    try:
        for one in use.sessions:
            opened.append(open_session(device, *one))
        seen = "use"
        _check(use, opened, [])
        seen = "nothing"
    except caught as failure:
        assert error is KeyboardInterrupt or isinstance(failure, pl.DeviceError)
    if seen == "use":
        with contextlib.suppress(pl.DeviceFailed):  # allowed to say so, not to answer wrongly
            _check(use, opened, [])
    for session in opened:
        try:
            session.close()
        except caught:
            seen = "close"
            session.close()
    return seen
