"""The whole driver on the emulated board against the naive model: 0 LSB."""

import platform

import numpy as np
import pytest
from designs import TINY, WIDE
from fitting_models import fitting_model
from random_models import random_input

from pynq_lstm import reference
from pynq_lstm.errors import CapacityError
from pynq_lstm.runtime.emulator.backend import EmulatorBackend

RUNS = 2  # shapes of calls of one model
SAME = 3  # calls of one shape: from the second on, the driver knows where values lie


def backends(rng, design, device, most):
    """Random models, each opened on the board; what is too large for the design is left out."""
    opened = 0
    while opened < most:
        model = fitting_model(rng, design)
        try:
            backend = EmulatorBackend(model, overlay=design.name, device=device)
        except CapacityError:
            continue
        opened += 1
        try:
            yield model, backend
        finally:
            backend.close()


def assert_equal(result, expected):
    for name in ("out", "h", "c"):
        for found, wanted in zip(getattr(result, name), getattr(expected, name), strict=True):
            np.testing.assert_array_equal(found, wanted, err_msg=name)
    assert result.saturated == expected.saturated


@pytest.mark.parametrize(
    ("design", "base", "share"),
    [(TINY, 0x1000_0000, 0.7), (TINY, 0x8_0000_0000, 0.2), (WIDE, 0x1000_0000, 0.1)],
    ids=["tiny", "above 4 GiB", "wide"],
)
def test_random_models_equal_the_reference(
    new_device, driver_cases, record_property, design, base, share
):
    rng = np.random.default_rng(design.activation_bits + (base >> 32))
    device = new_device(base=base)
    models = max(3, int(driver_cases * share))
    for model, backend in backends(rng, design, device, models):
        for _ in range(RUNS):
            x, h, c, lengths, refinements = random_input(rng, model)
            refinements = model.served(None) if model.prefixes else refinements
            if rng.random() < 0.4:
                h, c = ([np.zeros_like(a) for a in side] for side in (h, c))
            for _ in range(SAME):
                found = backend.run(x, h, c, lengths, refinements)
                assert_equal(found, reference.run(model, x, h, c, lengths, refinements))
                x, h, c = ([rng.permuted(a, axis=0) for a in side] for side in (x, h, c))
    assert device.live_buffers == 0
    record_property("python", platform.python_version())
    record_property("driver models", models)
    record_property("driver runs", models * RUNS * SAME)


def test_batches_larger_than_an_area_are_cut(new_device, monkeypatch):
    from pynq_lstm.runtime.fpga import pieces

    monkeypatch.setattr(pieces, "LARGEST_AREA", 16384)
    rng = np.random.default_rng(3)
    device = new_device()
    for model, backend in backends(rng, TINY, device, 5):
        x, h, c, _, refinements = random_input(rng, model, max_batch=1, max_time=5)
        x, h, c = ([np.repeat(a, 90, axis=0) for a in side] for side in (x, h, c))
        x = [rng.integers(-128, 128, a.shape) for a in x]
        lengths = rng.integers(1, x[0].shape[1] + 1, 90)
        refinements = model.served(None) if model.prefixes else refinements
        starts = device.counters["writes"]
        found = backend.run(x, h, c, lengths, refinements)
        assert device.counters["writes"] > starts + 5
        assert_equal(found, reference.run(model, x, h, c, lengths, refinements))


def test_run_many_and_run_async_equal_run(new_device):
    import asyncio

    rng = np.random.default_rng(4)
    device = new_device()
    for model, backend in backends(rng, TINY, device, 20):
        jobs = []
        for _ in range(5):
            x, h, c, lengths, refinements = random_input(rng, model)
            refinements = model.served(None) if model.prefixes else refinements
            jobs.append((x, h, c, lengths, refinements))
        expected = [reference.run(model, *job) for job in jobs]
        for found, wanted in zip(backend.run_many(iter(jobs)), expected, strict=True):
            assert_equal(found, wanted)
        assert_equal(asyncio.run(backend.run_async(*jobs[0])), expected[0])


def test_a_stream_equals_a_run(new_device):
    rng = np.random.default_rng(5)
    device = new_device()
    for model, backend in backends(rng, TINY, device, 20):
        x, h, c, _, refinements = random_input(rng, model, max_batch=1)
        refinements = model.served(None) if model.prefixes else refinements
        steps = x[0].shape[1]
        expected = reference.run(model, x, h, c, np.array([steps]), refinements)
        stream = backend.open_stream(refinements)
        stream.write_state([a[0] for a in h], [a[0] for a in c])
        for t in range(steps):
            found = stream.step([a[0, t] for a in x])
            for own, wanted in zip(found.out, expected.out):
                np.testing.assert_array_equal(own[0, 0], wanted[0, t])
        for side, wanted in zip(stream.read_state(), (expected.h, expected.c)):
            for own, a in zip(side, wanted):
                np.testing.assert_array_equal(own, a[0])
        stream.close()
