"""Layout of inputs, outputs and states, against one written out by hand."""

import numpy as np
import pytest
from designs import DEFAULT, TINY, WIDE
from fitting_models import fitting_model

from pynq_lstm.accelerator import buffers, states
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan


def packed(design, inputs, hidden, seed=0):
    rng = np.random.default_rng(seed)
    model = fitting_model(rng, design, inputs, hidden, max_components=2)
    return pack(Plan.of_model(model), design)


def test_input_of_two_sequences_by_hand():
    image = packed(TINY, (6, 5), (3, 3))
    x = [np.arange(1, 25).reshape(2, 2, 6), -np.arange(1, 21).reshape(2, 2, 5)]
    h = [np.array([[1, 2, 3], [4, 5, 6]]), np.array([[-1, -2, -3], [-4, -5, -6]])]
    c = [h[0] * 256, h[1] * 256]
    beats = buffers.run_input(image, x, h, c, np.array([2, 1]))
    expected = []

    def beat(values, size=1):
        raw = b"".join(int(v).to_bytes(size, "little", signed=True) for v in values)
        expected.append(np.frombuffer(raw.ljust(16, b"\0"), np.uint8))

    for sequence, length in ((0, 2), (1, 1)):
        beat([length], 4)
        a, b = h[0][sequence].tolist(), h[1][sequence].tolist()
        for first, second in (((a[0], a[1]), (b[0], b[1])), ((a[2], 0), (b[2], 0))):
            beat([*first, *second])
            beat([256 * v for v in (*first, *second)], 2)
        for step in range(length):
            p, q = x[0][sequence, step], x[1][sequence, step]
            for own in (p[:4], q[:4], p[4:], q[4:]):
                beat(own)
    np.testing.assert_array_equal(beats, np.stack(expected))
    assert len(beats) == buffers.input_beats(image, [2, 1])
    without = buffers.run_input(image, x, None, None, np.array([2, 1]), state=False)
    assert len(without) == buffers.input_beats(image, [2, 1], state=False) == len(beats) - 8


@pytest.mark.parametrize("design", [TINY, DEFAULT, WIDE], ids=lambda d: d.name)
def test_states_come_back(design):
    rng = np.random.default_rng(1)
    image = packed(design, (4, 9, 6, 7), (11, 16, 11, 3))
    sizes = image.plan.hidden_sizes()
    top = 1 << (design.activation_bits - 1)
    h = [rng.integers(-top, top, (5, size)) for size in sizes]
    c = [rng.integers(-32768, 32768, (5, size)) for size in sizes]
    beats = states.pack_state(image, h, c)
    assert beats.shape == (5, states.state_beats(image), 16)
    found = states.unpack_state(image, beats)
    for values, wanted in zip(found, (h, c)):
        for a, b in zip(values, wanted, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("design", [TINY, WIDE], ids=lambda d: d.name)
def test_output_is_cut_at_the_lengths(design):
    image = packed(design, (4, 4), (5, 5))
    lengths = np.array([1, 3, 2])
    beats = np.zeros((buffers.output_beats(image, lengths, state=False), 16), np.uint8)
    beats[:] = np.arange(len(beats))[:, None] + 1
    result = buffers.run_output(image, beats, lengths, time=4, state=False)
    assert (result.h, result.c) == ([], [])
    tiles = -(-5 // design.v_tile) * design.h_beats
    first = 0
    for sequence, length in enumerate(lengths):
        for j in range(2):
            own = result.out[j][sequence]
            assert own.shape == (4, 5) and not own[length:].any()
            starts = 1 + first + tiles * np.arange(length)
            codes = starts if design.activation_bits == 8 else starts * 257
            lane_beat = (j * design.v_tile * design.activation_bytes) // 16
            low = codes + lane_beat * (257 if design.activation_bits == 16 else 1)
            np.testing.assert_array_equal(own[:length, 0], low)
        first += tiles * length


def test_results_do_not_share_memory_with_what_the_kernel_wrote():
    image = packed(WIDE, (4,), (8,))
    beats = np.zeros((buffers.output_beats(image, [2]), 16), np.uint8)
    result = buffers.run_output(image, beats, np.array([2]))
    before = [a.copy() for a in (*result.out, *result.h, *result.c)]
    beats[:] = 255
    for a, b in zip((*result.out, *result.h, *result.c), before):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("state", [False, True])
def test_the_report_is_read_from_behind_the_output(state):
    image, lengths = packed(TINY, (4, 4), (5, 5)), [1, 3, 2]
    beats = np.full((buffers.output_beats(image, lengths, state) + 1, 16), 9, np.uint8)
    beats[-2] = np.array([2**32 - 1, 70000, 2, 3], "<u4").view(np.uint8)
    report = buffers.run_report(image, beats, lengths, state)
    assert report == buffers.RunReportBeat(2**32 - 1, 70000, 2, 3)
    result = buffers.run_output(image, beats, lengths, state=state)
    assert result.saturated == report.saturated == {"p": 70000, "pre": 2, "c": 3}
    waves = sum(lengths) * buffers.wave_beats(image)[1]
    assert len(beats) - 2 == waves + state * len(lengths) * buffers.state_beats(image)
