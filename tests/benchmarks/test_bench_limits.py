"""The C functions behind the limits are compiled here, and do what they are timed at."""

import numpy as np
import pytest
from cpu import limits

from pynq_lstm import numerics
from pynq_lstm.sigma_knots import SIGMOID


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return limits.build(tmp_path_factory.mktemp("limits"))


def test_sigmoid_is_that_of_the_numerics(built):
    """On every code, whatever instructions it was compiled to."""
    library, ffi = built
    codes = np.arange(-(2**15), 2**15).astype(np.int16)
    out, knots = np.zeros_like(codes), np.array(SIGMOID, np.int16)
    pointers = [ffi.from_buffer("int16_t[]", a) for a in (codes, out, knots)]
    assert library.sigmoid_rate(*pointers[:2], len(codes), pointers[2], 1) > 0
    assert np.array_equal(out, numerics.sigmoid(codes.astype(np.int64)))


def test_limits(built):
    """Positive, and in an order that no machine breaks: caches are faster than memory."""
    found = limits.measure(built, repeats=2)
    assert set(limits.CACHED_KILOBYTES) < set(found.read)
    assert found.read[16] > found.read[65536] > 0
    assert min(found.float_macs, found.int8_macs, found.sigmoids, found.clock) > 1e7
    assert found.amx_macs >= 0 and found.int8_instruction
