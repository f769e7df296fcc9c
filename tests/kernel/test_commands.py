"""Commands beside LOAD and RUN, and where a sequence's state comes from."""

import numpy as np
import pytest
from designs import TINY
from kernel_runs import DONE, KEEP, MEMORY, RESIDENT, ZERO, assert_equal, load, run
from random_models import sized_model

from pynq_lstm import reference
from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan


@pytest.fixture
def case(kernels):
    rng = np.random.default_rng(5)
    model = sized_model(rng, (9, 9, 9), (13, 13, 13), 4, activation_bits=8, p_bits=9)
    image = pack(Plan.of_model(model), TINY)
    kernel = kernels(TINY)
    load(kernel, image)
    x = [rng.integers(-128, 128, (1, 6, 9)) for _ in range(3)]
    h = [rng.integers(-128, 128, (1, 13)) for _ in range(3)]
    c = [rng.integers(-9000, 9000, (1, 13)) for _ in range(3)]
    return kernel, image, model, x, h, c


def of_time(x, begin, end):
    return [a[:, begin:end] for a in x]


def test_identify_names_kernel_and_design(kernels):
    registers, _ = kernels(TINY).start(Command.IDENTIFY)
    assert registers.status == DONE
    assert registers.magic.to_bytes(4, "little") == b"LSTM"
    assert registers.hash_low | registers.hash_high << 32 == TINY.hash64


def test_echo_copies(kernels):
    beats = np.random.default_rng(0).integers(0, 256, (37, 16)).astype(np.uint8)
    registers, out = kernels(TINY).start(Command.ECHO, beats, 37)
    assert registers.status == DONE and registers.written == 37
    np.testing.assert_array_equal(out, beats)


def test_a_resident_state_continues_a_sequence(case):
    kernel, image, model, x, h, c = case
    whole = reference.run(model, x, h, c, np.array([6]), 4)
    first, _ = run(kernel, image, of_time(x, 0, 2), h, c, np.array([2]), 4)
    second, _ = run(kernel, image, of_time(x, 2, 6), h, c, np.array([4]), 4, state=RESIDENT | KEEP)
    for j in range(3):
        joined = np.concatenate([first.out[j], second.out[j]], axis=1)
        np.testing.assert_array_equal(joined, whole.out[j])
        np.testing.assert_array_equal(second.h[j], whole.h[j])
        np.testing.assert_array_equal(second.c[j], whole.c[j])


def test_a_run_without_state_starts_from_zero(case):
    kernel, image, model, x, h, c = case
    zero = [np.zeros_like(a) for a in h]
    result, _ = run(kernel, image, x, h, c, np.array([6]), 3, state=ZERO | KEEP)
    assert_equal(result, reference.run(model, x, zero, zero, np.array([6]), 3))


def test_states_are_written_read_and_reset(case):
    kernel, image, model, x, h, c = case
    room = buffers.state_beats(image)
    beats = buffers.pack_state(image, h, c).reshape(room, 16)
    assert kernel.start(Command.STATE_WRITE, beats)[0].status == DONE
    registers, out = kernel.start(Command.STATE_READ, out_beats=room)
    assert registers.status == DONE and registers.written == room
    np.testing.assert_array_equal(out, beats)
    result, _ = run(kernel, image, x, h, c, np.array([6]), 4, state=RESIDENT | KEEP)
    assert_equal(result, reference.run(model, x, h, c, np.array([6]), 4))
    assert kernel.start(Command.RESET_STATE)[0].status == DONE
    assert not kernel.start(Command.STATE_READ, out_beats=room)[1].any()


def test_loading_resets_the_state(case):
    kernel, image, _, x, h, c = case
    run(kernel, image, x, h, c, np.array([6]), 4, state=MEMORY)
    load(kernel, image)
    assert not kernel.start(Command.STATE_READ, out_beats=buffers.state_beats(image))[1].any()
