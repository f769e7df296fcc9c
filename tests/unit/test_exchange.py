"""Places that were learnt are those that `buffers` gives: for any plan, any shape."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("accelerator", "kernel")]

from designs import TINY, TINY_WIDE  # noqa: E402
from random_plans import random_plan  # noqa: E402

from pynq_lstm.accelerator import buffers  # noqa: E402
from pynq_lstm.accelerator.packing import pack  # noqa: E402
from pynq_lstm.errors import CapacityError  # noqa: E402
from pynq_lstm.runtime.fpga.exchange import SHAPES, Exchange, Exchanges  # noqa: E402

PLANS = 60


def images(rng, design, count):
    bits = {"activation_bits": design.activation_bits, "p_bits": 10}
    while count:
        try:
            yield pack(random_plan(rng, bits, 12), design)
            count -= 1
        except CapacityError:
            continue


def values(rng, image, lengths, time):
    """Random codes for a plan: x (None where there is no external input), h, c."""
    plan, bits = image.plan, image.design.activation_bits
    low, high = -(1 << bits - 1), 1 << bits - 1
    sizes = [plan.pairs[k].external_size(lane) for k, lane in plan.members]
    x = [rng.integers(low, high, (len(lengths), time, n)) if n else None for n in sizes]
    h = [rng.integers(low, high, (len(lengths), n)) for n in plan.hidden_sizes()]
    c = [rng.integers(-32768, 32768, a.shape) for a in h]
    return x, h, c


@pytest.mark.parametrize("design", [TINY, TINY_WIDE], ids=lambda d: d.name)
def test_learnt_places_equal_buffers(design):
    rng = np.random.default_rng(design.activation_bits)
    for image in images(rng, design, PLANS):
        time = int(rng.integers(1, 7))
        lengths = rng.integers(1, time + 1, int(rng.integers(1, 4)))
        given, kept = (bool(v) for v in rng.integers(0, 2, 2))
        exchange = Exchange(image, lengths, time, given, kept)
        area = rng.integers(0, 256, (exchange.in_beats + 3, 16)).astype(np.uint8)
        for _ in range(3):  # the second one learns
            x, h, c = values(rng, image, lengths, time)
            exchange.write(area, x, h, c)
            expected = buffers.run_input(image, x, h, c, lengths, given)
            np.testing.assert_array_equal(area[: exchange.in_beats], expected)
            raw = rng.integers(0, 256, (exchange.out_beats, 16)).astype(np.uint8)
            found = exchange.read(raw)
            wanted = buffers.run_output(image, raw, lengths, time, kept)
            for side in ("out", "h", "c"):
                for a, b in zip(getattr(found, side), getattr(wanted, side), strict=True):
                    np.testing.assert_array_equal(a, b, err_msg=side)
                    assert a.dtype == b.dtype
            assert found.saturated == wanted.saturated
        assert exchange._input is not None


def test_the_shapes_used_last_are_kept():
    image = next(images(np.random.default_rng(0), TINY, 1))
    exchanges = Exchanges(image)
    first = exchanges.of(np.array([1]), 1, False, True)
    for steps in range(2, SHAPES + 1):
        exchanges.of(np.array([steps]), steps, False, True)
        assert exchanges.of(np.array([1]), 1, False, True) is first
    exchanges.of(np.array([99]), 99, False, True)
    assert exchanges.of(np.array([1]), 1, False, True) is first
    assert exchanges.of(np.array([1]), 1, True, True) is not first
