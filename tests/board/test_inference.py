"""Every way to infer gives the bits of the reference; times are reported."""

import asyncio
from itertools import islice

import numpy as np
import pytest
from fitting_models import fitting_model
from random_block_models import random_block_model
from random_models import random_input
from small_model import small_case
from soak import open_files, resident_bytes

import pynq_lstm as pl
from pynq_lstm import reference
from pynq_lstm.errors import CapacityError, OverlayError
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.runtime.backends import open_backend

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.SaturationWarning")
STAGES = ["quantise", "copy", "flush", "run", "invalidate", "read", "dequantise"]


@pytest.fixture(scope="session")
def driver_cases(request):
    """How many random models."""
    return request.config.getoption("--driver-cases")


@pytest.fixture(scope="module")
def example():
    """The model of the demonstration, images, their labels."""
    network, calibration = fashion_mnist.network(), fashion_mnist.calibration()
    model = pl.compress(network, calibration=calibration, refinements=16, solver="greedy")
    images, labels = fashion_mnist.test_set()
    return model, fashion_mnist.branches(images), labels


def random_backends(rng, files, place):
    """Random models on the board, without end."""
    while True:
        model = fitting_model(rng, files.design)
        try:
            backend = open_backend(place.backend, model)
        except CapacityError:
            continue
        try:
            yield model, backend
        finally:
            backend.close()


def test_random_models_equal_the_reference(place, files, driver_cases):
    rng = np.random.default_rng(1)
    for model, backend in islice(random_backends(rng, files, place), driver_cases):
        x, h, c, lengths, refinements = random_input(rng, model)
        refinements = model.served(None) if model.prefixes else refinements
        for _ in range(2):
            found = backend.run(x, h, c, lengths, refinements)
            expected = reference.run(model, x, h, c, lengths, refinements)
            for name in ("out", "h", "c"):
                for ours, exact in zip(getattr(found, name), getattr(expected, name)):
                    np.testing.assert_array_equal(ours, exact, err_msg=name)
            assert found.saturated == expected.saturated


def test_block_diagonal_models_equal_the_reference(place, driver_cases):
    """On the overlay that such a model asks for; skipped on a board that has none."""
    rng, done = np.random.default_rng(2), 0
    while done < max(2, driver_cases // 4):
        model = random_block_model(rng, 60)
        if model.activation_bits != 8 or model.weight_bits == 8:
            continue
        try:
            backend = open_backend(place.backend, model)
        except OverlayError as missing:
            pytest.skip(str(missing))
        try:
            arguments = random_input(rng, model)
            found, expected = backend.run(*arguments), reference.run(model, *arguments)
        finally:
            backend.close()
        for name in ("out", "h", "c"):
            for ours, exact in zip(getattr(found, name), getattr(expected, name)):
                np.testing.assert_array_equal(ours, exact, err_msg=name)
        assert found.saturated == expected.saturated
        done += 1


def test_images_equal_the_reference_and_are_classified(load, example):
    model, x, labels = example
    session = load(model)
    out, state = session.infer(x[:, :16])
    exact, exact_state = load(model, "reference").infer(x[:, :16])
    for ours, theirs in zip((out, *state), (exact, *exact_state)):
        np.testing.assert_array_equal(ours, theirs)
    right = session.infer_logits(x[:, :500]).argmax(axis=1) == labels[:500]
    assert right.mean() > 0.85


def test_every_way_to_call_gives_the_same(load, example):
    model, x, _ = example
    session = load(model)
    inputs = [x[:, n : n + 1] for n in range(6)]
    expected = [session.infer(each)[0] for each in inputs]
    for (out, _), whole in zip(session.infer_many(inputs), expected, strict=True):
        np.testing.assert_array_equal(out, whole)
    out, _ = asyncio.run(session.infer_async(inputs[0]))
    np.testing.assert_array_equal(out, expected[0])
    with session.stream() as stream:
        for t in range(x.shape[2]):
            np.testing.assert_array_equal(stream.step(inputs[1][:, 0, t]), expected[1][:, 0, t])


def test_times_and_cycles_are_reported(load, example, files, place):
    model, x, _ = example
    timed = load(model).benchmark(x[:, :1], calls=50)
    assert list(timed.stages) == STAGES
    assert 0 < timed.p50 <= timed.p99 <= timed.max
    assert timed.modelled == place.emulate
    # a step takes a cycle for each word of its lists at least, and no call ends before its kernel
    assert timed.cycles > 28 * 16
    if not timed.modelled:
        assert timed.cycles / (files.design.clock_mhz * 1e6) < timed.max


def test_many_calls_leave_nothing_behind(load, driver_cases):
    model, x = small_case()
    session = load(model)
    expected, _ = load(model, "reference").infer(x)
    for _ in range(500):
        session.infer(x)
    before = resident_bytes(), open_files()
    for _ in range(10 * driver_cases):
        np.testing.assert_array_equal(session.infer(x)[0], expected)
    assert resident_bytes() - before[0] < 1 << 20
    assert open_files() == before[1]
