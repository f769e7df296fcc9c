"""Block-diagonal models on the emulated board: nothing in the driver is made for them."""

from dataclasses import replace

import numpy as np
import pytest
from random_block_models import random_block_model, sized_block_model
from random_models import random_input
from small_sessions import CASES, expected
from test_exactness import RUNS, assert_equal

import pynq_lstm as pl
from pynq_lstm import reference
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.errors import CapacityError
from pynq_lstm.runtime.emulator.backend import EmulatorBackend
from pynq_lstm.runtime.fpga import backend as backend_module
from pynq_lstm.runtime.fpga.files import design_for

TINY, WIDE = "block_diagonal_lstm_tiny", "block_diagonal_lstm_wide"
W8 = "block_diagonal_lstm_w8"
SVD, X = CASES[0]


def model(seed=0, **fields):
    fields = {"activation_bits": 8, "weight_bits": 4, "x_inverse_scale": (64.0, 64.0), **fields}
    return sized_block_model(np.random.default_rng(seed), (9, 9), (13, 13), **fields)


def backends(rng, overlay, device, most):
    """Random models that fit the overlay, each opened on the board."""
    opened = 0
    while opened < most:
        drawn = random_block_model(rng)
        try:
            backend = EmulatorBackend(drawn, overlay=overlay, device=device)
        except CapacityError:
            continue
        opened += 1
        try:
            yield drawn, backend
        finally:
            backend.close()


@pytest.mark.parametrize("overlay, share", [(TINY, 0.5), (WIDE, 0.1), (W8, 0.1)])
def test_random_models_equal_the_reference(new_device, driver_cases, overlay, share):
    rng, device = np.random.default_rng(len(overlay)), new_device()
    for drawn, backend in backends(rng, overlay, device, max(3, int(driver_cases * share))):
        for _ in range(RUNS):
            x, h, c, lengths, refinements = random_input(rng, drawn)
            found = backend.run(x, h, c, lengths, refinements)
            assert_equal(found, reference.run(drawn, x, h, c, lengths, refinements))
    assert device.live_buffers == 0


def test_a_stream_equals_a_run(new_device):
    rng = np.random.default_rng(5)
    for drawn, backend in backends(rng, TINY, new_device(), 10):
        x, h, c, _, refinements = random_input(rng, drawn, max_batch=1)
        steps = x[0].shape[1]
        wanted = reference.run(drawn, x, h, c, np.array([steps]), refinements)
        stream = backend.open_stream(refinements)
        stream.write_state([a[0] for a in h], [a[0] for a in c])
        for t in range(steps):
            found = stream.step([a[0, t] for a in x])
            for own, out in zip(found.out, wanted.out):
                np.testing.assert_array_equal(own[0, 0], out[0, t])
        for side, ends in zip(stream.read_state(), (wanted.h, wanted.c)):
            for own, a in zip(side, ends):
                np.testing.assert_array_equal(own, a[0])
        stream.close()


def test_a_model_says_which_overlay_it_needs():
    assert design_for(model()).name == "block_diagonal_lstm"
    assert design_for(model(activation_bits=16)).name == WIDE
    assert design_for(model(weight_bits=2)).name == "block_diagonal_lstm"
    assert design_for(model(weight_bits=8)).name == W8
    assert design_for(model(weight_bits=8, activation_bits=16)).name == WIDE
    assert design_for(SVD).name == "svd_lstm"


def test_weights_of_eight_bits_run_where_nothing_is_named(new_device):
    wide = model(weight_bits=8)
    x = np.random.default_rng(1).uniform(-1, 1, (2, 3, 5, 9)).astype(np.float32)
    with pl.load(wide, backend="emulator", device=new_device()) as session:
        np.testing.assert_array_equal(session.infer(x)[0], expected(wide, x))


def test_a_saved_model_picks_its_overlay_and_sessions_of_both_take_turns(new_device, tmp_path):
    device, blocks = new_device(), model()
    blocks.save(tmp_path / "blocks.safetensors")
    x = np.random.default_rng(1).uniform(-1, 1, (2, 3, 5, 9)).astype(np.float32)
    with (
        pl.load(tmp_path / "blocks.safetensors", backend="emulator", device=device) as first,
        pl.load(SVD, backend="emulator", device=device) as second,
    ):
        for _ in range(2):
            np.testing.assert_array_equal(first.infer(x)[0], expected(blocks, x))
            assert first.last_run.backend == "emulator" and first.last_run.modelled
            np.testing.assert_array_equal(second.infer(X)[0], expected(SVD, X))


@pytest.mark.parametrize(
    "make, overlay, text",
    [
        (model, "svd_lstm", "method = 'block_diagonal': svd_lstm runs svd models; load it on an"),
        (lambda: SVD, TINY, "method = 'svd': block_diagonal_lstm_tiny runs block_diagonal models"),
        (
            lambda: model(weight_bits=8),
            "block_diagonal_lstm",
            "weight_bits = 8: more than 4, the most of block_diagonal_lstm; compress with weight_b",
        ),
    ],
)
def test_another_overlay_is_refused_by_name(new_device, make, overlay, text):
    with pytest.raises(CapacityError, match=text):
        pl.load(make(), backend="emulator", device=new_device(), overlay=overlay)


def test_an_image_for_the_other_engine_is_refused_by_the_kernel_by_name(new_device, monkeypatch):
    """As if the host had not looked."""

    def other(plan, design):
        image = pack(plan, design)
        beats = image.beats.copy()
        beats[1, 8] ^= 1
        return replace(image, beats=beats)

    monkeypatch.setattr(backend_module, "pack", other)
    with pytest.raises(pl.DeviceError, match="OTHER_ENGINE"):
        pl.load(model(), backend="emulator", device=new_device(), overlay=TINY)
