"""Sessions of small models on one emulated board, and the answers that they should give."""

from contextlib import contextmanager

import numpy as np
from small_model import small_case

import pynq_lstm as pl

TINY = "svd_lstm_tiny"
CASES = [small_case(seed, models, 1, 6) for seed, models in ((1, 2), (2, 2), (3, 1))]


def expected(model, x):
    """out of the reference."""
    with pl.load(model, backend="reference") as session:
        return session.infer(x)[0]


def open_session(device, model, overlay=TINY):
    """A session on an emulated board."""
    return pl.load(model, backend="emulator", device=device, overlay=overlay)


def variants(x, count):
    """`count` inputs of one shape and other values."""
    return [np.roll(x, n, axis=-1) for n in range(count)]


@contextmanager
def ctrl_c(device, when=lambda: True):
    """The first time that the board sleeps and `when()` holds, Ctrl-C is pressed; once."""
    clock, pressed = device.clock, []

    def sleep(seconds):
        if not pressed and when():
            pressed.append(True)
            raise KeyboardInterrupt
        type(clock).sleep(clock, seconds)

    clock.sleep = sleep
    try:
        yield
        assert pressed, "the board never slept"
    finally:
        del clock.sleep
