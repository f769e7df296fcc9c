"""Sigmoid and tanh of each kernel: all 65,536 codes, against section 6 as NumPy."""

import numpy as np
import pytest

from pynq_lstm import numerics
from pynq_lstm.runtime.cpu import library

CODES = np.arange(-32768, 32768).astype(np.int16)
BLOCK = 32  # codes, of which a call takes a multiple
FILL = 21846


def curve(kernel, name, pre, room=0):
    """What the kernel gives for `pre`, and `room` codes behind it that it should leave alone."""
    view = library.load().ffi.from_buffer
    y = np.full(len(pre) + room, FILL, np.int16)
    getattr(library.choose(kernel), name)(view("int16_t[]", pre), view("int16_t[]", y), len(pre))
    return y


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_every_code(kernel, name):
    expected = getattr(numerics, name)(CODES.astype(np.int64))
    np.testing.assert_array_equal(curve(kernel, name, CODES), expected)


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_codes_in_any_order(kernel, name):
    """Neighbours in a vector have nothing to do with one another."""
    mixed = np.random.default_rng(0).permutation(CODES)
    expected = getattr(numerics, name)(mixed.astype(np.int64))
    np.testing.assert_array_equal(curve(kernel, name, mixed), expected)


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@pytest.mark.parametrize("count", [0, BLOCK, 3 * BLOCK])
def test_nothing_behind_the_end_is_written(kernel, name, count):
    y = curve(kernel, name, CODES[:count].copy(), room=BLOCK)
    assert (y[count:] == FILL).all()
    np.testing.assert_array_equal(y[:count], getattr(numerics, name)(CODES[:count].astype(int)))
