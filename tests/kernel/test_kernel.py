"""The HLS sources, compiled natively, against the naive model: 0 LSB, on every design."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import paper_shape
import plan_reference
import pytest
from designs import DEFAULT, TINY, TINY_WIDE, WIDE
from example_matrices import random_inputs, random_network
from kernel_runs import assert_equal, load, run, words_of
from random_models import random_input, sized_model
from random_plans import fitting_model, random_arguments, random_plan

import pynq_lstm as pl
from pynq_lstm import reference, sigma_knots
from pynq_lstm.accelerator import native
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Pair, Plan, Segment
from pynq_lstm.errors import CapacityError

RUNS = 10  # of one image
SHARE = {"svd_lstm_tiny": 0.5, "tiny_wide": 0.3, "svd_lstm": 0.04, "svd_lstm_wide": 0.02}
PLANS = 0.14  # of the cases
BITS = {
    "svd_lstm_tiny": {"activation_bits": 8, "p_bits": 10},
    "tiny_wide": {"activation_bits": 16, "p_bits": 13},
}


def images(rng, draw, design):
    """Packed plans without end; what is too large for the design is left out."""
    while True:
        try:
            yield pack(draw(rng), design)
        except CapacityError:
            continue


def draw_model(design):
    """Models of any kind for the small designs, larger ones for the others."""

    def draw(rng):
        if design.max_hidden <= 16:
            return Plan.of_model(fitting_model(rng, design.activation_bits, design.p_bits))
        models = int(rng.integers(1, 5))
        inputs, hidden = rng.integers(1, 300, 2).tolist()
        bits = {"activation_bits": design.activation_bits, "p_bits": int(rng.integers(6, 11))}
        return Plan.of_model(sized_model(rng, (inputs,) * models, (hidden,) * models, 40, **bits))

    return draw


@pytest.mark.parametrize("design", [TINY, TINY_WIDE, DEFAULT, WIDE], ids=lambda d: d.name)
def test_random_models_equal_the_reference(kernels, kernel_cases, record_property, design):
    rng = np.random.default_rng(design.u_tile + design.activation_bits)
    kernel, clipped = kernels(design), set()
    made = images(rng, draw_model(design), design)
    cases = max(RUNS, int(kernel_cases * SHARE[design.name]))
    record_property("native cases", cases)
    for case in range(cases):
        if case % RUNS == 0:
            image = next(made)
            load(kernel, image)
        model = image.plan.pairs[0].model
        x, h, c, lengths, refinements = random_input(rng, model)
        expected = reference.run(model, x, h, c, lengths, refinements)
        result, registers = run(kernel, image, x, h, c, lengths, refinements)
        assert_equal(result, expected)
        assert (registers.u_words, registers.v_words) == words_of(image, refinements, lengths)
        assert registers.steps == len(image.pairs) * lengths.sum()
        clipped |= {kind for kind, count in expected.saturated.items() if count}
    if design.max_hidden <= 16:
        assert clipped == {"p", "pre", "c"}  # every kind of saturation occurs


@pytest.mark.parametrize("design", [TINY, TINY_WIDE], ids=lambda d: d.name)
def test_random_plans_equal_the_reference(kernels, kernel_cases, record_property, design):
    rng = np.random.default_rng(7)
    kernel, collected = kernels(design), 0
    made = images(rng, lambda rng: random_plan(rng, BITS[design.name]), design)
    cases = max(50, int(kernel_cases * PLANS / 2))
    record_property("native cases", cases)
    for case in range(cases):
        if case % 5 == 0:
            image = next(made)
            load(kernel, image)
        arguments = random_arguments(rng, image.plan)
        expected = plan_reference.run(image.plan, *arguments)
        assert_equal(run(kernel, image, *arguments)[0], expected)
        collected += bool(image.plan.collected)
    assert collected > case / 2


def test_the_random_plans_have_all_that_routes_can():
    """Of the plans that fit the design, every kind is at least a tenth."""
    rng = np.random.default_rng(9)
    made = images(rng, lambda rng: random_plan(rng, BITS[TINY.name]), TINY)
    found = Counter()
    for _, image in zip(range(200), made):
        pairs = image.plan.pairs
        taken = [
            (k, lane, segment)
            for k, pair in enumerate(pairs)
            for lane in pair.lanes
            for segment in pair.routes[lane]
            if segment.source is not None
        ]
        routed = {(k, lane) for k, lane, _ in taken}
        if not taken:
            continue
        found[f"{len(pairs)} pairs"] += 1
        found[f"lag {image.plan.largest_lag}"] += 1
        found["part of h"] += any(segment.start for _, _, segment in taken)
        found["both lanes"] += any({(k, 0), (k, 1)} <= routed for k in range(len(pairs)))
        found["own h"] += any(segment.source == (k, lane) for k, lane, segment in taken)
        found["from lane 1"] += any(segment.source[1] for _, _, segment in taken)
    kinds = ("2 pairs", "3 pairs", "4 pairs", "lag 1", "lag 2", "lag 3")
    for kind in (*kinds, "part of h", "both lanes", "own h", "from lane 1"):
        assert found[kind] >= 20, (kind, found)


def test_a_sum_of_many_segments_does_not_wrap(kernels):
    """300 times 2^8 times a 16-bit code passes 32 bits, whatever its sign, and saturates."""
    rng = np.random.default_rng(8)
    model = sized_model(rng, (24,), (20,), 3, activation_bits=16, p_bits=12)
    route = [Segment(0, 16, 0, (0, 0) if n % 3 else None, -8) for n in range(300)]
    route += [Segment(16, 8, 16)]
    image = pack(Plan((Pair(model, (0, None), (tuple(route), None)),)), WIDE)
    load(kernels(WIDE), image)
    low, high = -(1 << 15), (1 << 15) - 1
    x = [rng.choice([low, -1, 0, 1, high], (2, 3, 24))]
    h = [np.where(x[0][:, 0, :20] < 0, low, high)]
    x[0][0, 0], h[0][0, :16] = low, low
    x[0][1, 0], h[0][1, :16] = high, high
    c = [rng.integers(-4000, 4000, (2, 20))]
    arguments = x, h, c, np.array([3, 2]), 3
    expected = plan_reference.run(image.plan, *arguments)
    assert_equal(run(kernels(WIDE), image, *arguments)[0], expected)


def test_the_shape_that_the_accelerator_is_sized_for(kernels):
    model = paper_shape.model()
    image = pack(Plan.of_model(model), DEFAULT)
    rng = np.random.default_rng(1)
    x = [rng.integers(-128, 128, (2, 3, 1024)) for _ in range(2)]
    h = [rng.integers(-128, 128, (2, 512)) for _ in range(2)]
    c = [rng.integers(-4000, 4000, (2, 512)) for _ in range(2)]
    lengths = np.array([3, 2])
    load(kernels(DEFAULT), image)
    for refinements in (1, 7, 16):
        expected = reference.run(model, x, h, c, lengths, refinements)
        assert_equal(run(kernels(DEFAULT), image, x, h, c, lengths, refinements)[0], expected)


def test_a_bidirectional_layer_is_a_pair_with_one_sequence_reversed(kernels):
    """Each direction is an LSTM of its own; the host reverses x up to each length, and out back."""
    rng = np.random.default_rng(2)
    model = sized_model(rng, (32, 32), (128, 128), 8, activation_bits=8, p_bits=10)
    x = rng.integers(-128, 128, (3, 7, 32))
    lengths = np.array([7, 4, 1])
    backward = x.copy()
    for row, length in zip(backward, lengths):
        row[:length] = row[:length][::-1]
    zero = [np.zeros((3, 128), int)] * 2
    image = pack(Plan.of_model(model), DEFAULT)
    load(kernels(DEFAULT), image)
    result, _ = run(kernels(DEFAULT), image, [x, backward], zero, zero, lengths, 8)
    for b, length in enumerate(lengths):
        alone = reference.run(
            model,
            [x[b : b + 1, :length], x[b : b + 1, :length][:, ::-1]],
            [z[:1] for z in zero],
            [z[:1] for z in zero],
            lengths[b : b + 1],
            8,
        )
        for found, wanted in zip(result.out, alone.out):
            np.testing.assert_array_equal(found[b, :length], wanted[0])


def test_the_kernel_has_the_knots_of_the_definition():
    text = (native.SOURCES / "common" / "sigma_segments.h").read_text()
    tables = dict(re.findall(r"int16_t (\w+)\[64\] = \{([^}]*)\}", text))
    found = {name: [int(v) for v in values.split(",")] for name, values in tables.items()}
    for name, knots in (("Sigmoid", sigma_knots.SIGMOID), ("Tanh", sigma_knots.TANH)):
        assert found[f"k{name}Low"] == list(knots[:-1])
        assert found[f"k{name}Rise"] == [b - a for a, b in pairwise(knots)]


@pytest.mark.parametrize("options", [
    {"form": "stacked", "refinements": 4},
    {"form": ("stacked", "per_gate"), "refinements": (4, (1, 3, 2, 1))},
    {"words": 420, "form": ("per_gate", "stacked"), "v_tile": 4, "zero_v_tiles": 1},
], ids=str)  # fmt: skip
def test_compressed_forms_equal_the_reference(kernels, options):
    rng = np.random.default_rng(3)
    net = random_network(rng, [(11, 9), (7, 13)], gain=2.0)
    x = random_inputs(rng, net, 4, 8)
    model = pl.compress(net, calibration=x, **options)
    kernel, image = kernels(TINY), pack(Plan.of_model(model), TINY)
    load(kernel, image)
    for _ in range(RUNS):
        arguments = random_input(rng, model)
        result, _ = run(kernel, image, *arguments)
        assert_equal(result, reference.run(model, *arguments))
