"""Images and buffers, read by the naive interpreter of the page, against the reference: 0 LSB."""

import numpy as np
import paper_shape
import plan_reference
import pytest
from designs import DEFAULT, TINY, TINY_WIDE, WIDE
from fitting_models import fitting_input, fitting_model, plan_input, random_plan
from image_interpreter import Interpreter

from pynq_lstm import reference
from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan

SMALL_CASES, GROUPS = 400, 20


def run(image, x, h, c, lengths, refinements):
    """One RUN of the interpreter, through the buffers."""
    given = buffers.run_input(image, x, h, c, lengths)
    assert len(given) == buffers.input_beats(image, lengths)
    out, counts = Interpreter(image.design, image.beats).run(given, len(lengths), refinements)
    assert len(out) == 16 * buffers.output_beats(image, lengths)
    written = np.frombuffer(out, np.uint8)
    time = max([int(max(lengths)), *(a.shape[1] for a in x if a is not None)])
    return buffers.run_output(image, written, lengths, time), counts


def assert_equal(result, expected):
    for name in ("out", "h", "c"):
        for a, b in zip(getattr(result, name), getattr(expected, name), strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)
    assert result.saturated == expected.saturated


def check_model(rng, model, design, **limits):
    arguments = fitting_input(rng, model, **limits)
    result, counts = run(pack(Plan.of_model(model), design), *arguments)
    expected = reference.run(model, *arguments)
    assert_equal(result, expected)
    return expected.saturated, counts


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_models_on_the_tiny_designs(group):
    total = dict.fromkeys(("p", "pre", "c"), 0)
    for case in range(group, SMALL_CASES, GROUPS):
        rng = np.random.default_rng(case)
        design = TINY_WIDE if case % 4 == 0 else TINY
        saturated, _ = check_model(rng, fitting_model(rng, design), design)
        total = {kind: total[kind] + saturated[kind] for kind in total}
    assert all(total.values()), f"{total}: the models are too tame"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("design", [DEFAULT, WIDE], ids=lambda d: d.name)
def test_random_models_on_the_large_designs(design, seed):
    rng = np.random.default_rng(1000 + seed)
    inputs = tuple(rng.integers(1, 200, int(rng.integers(1, 5))).tolist())
    hidden = (int(rng.integers(1, 120)),) * len(inputs)
    model = fitting_model(rng, design, inputs, hidden, max_components=20)
    check_model(rng, model, design, max_batch=2, max_time=2)


@pytest.mark.parametrize("seed", range(30))
def test_every_prefix(seed):
    rng = np.random.default_rng(2000 + seed)
    model = fitting_model(rng, TINY)
    image = pack(Plan.of_model(model), TINY)
    x, h, c, lengths, _ = fitting_input(rng, model, max_time=2)
    for k in model.prefixes or range(1, model.max_refinements + 2):
        result, counts = run(image, x, h, c, lengths, k)
        assert_equal(result, reference.run(model, x, h, c, lengths, k))
        steps = int(lengths.sum())
        used = [image.program(pair, k) for pair in range(len(image.pairs))]
        assert counts.steps == steps * len(used)
        assert counts.u_words == steps * sum(p.input.u.words + p.hidden.u.words for p in used)
        assert counts.v_words == steps * sum(p.input.v.words + p.hidden.v.words for p in used)


@pytest.mark.parametrize("seed", range(60))
def test_random_plans_with_routes(seed):
    rng = np.random.default_rng(3000 + seed)
    plan = random_plan(rng, TINY)
    arguments = plan_input(rng, plan)
    result, _ = run(pack(plan, TINY), *arguments)
    assert_equal(result, plan_reference.run(plan, *arguments))


@pytest.mark.parametrize("design", [TINY, TINY_WIDE], ids=lambda d: d.name)
@pytest.mark.parametrize("seed", range(20))
def test_stacked_layers_are_the_layers_one_after_another(seed, design):
    rng = np.random.default_rng(4000 + seed)
    count, depth = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    sizes = tuple(rng.integers(1, design.max_hidden + 1, count).tolist())
    layers = [fitting_model(rng, design, models=count, hidden=sizes, max_components=2, whole=True)]
    for _ in range(depth - 1):
        below = layers[-1].hidden_sizes
        above = fitting_model(rng, design, inputs=below, hidden=sizes, max_components=2, whole=True)
        layers.append(above)
    while len(Plan.stacked(layers).pairs) > design.max_pairs:
        layers.pop()
    plan = Plan.stacked(layers)
    x, h, c, lengths, k = plan_input(rng, plan)
    result, _ = run(pack(plan, design), x, h, c, lengths, k)
    assert_equal(result, plan_reference.run(plan, x, h, c, lengths, k))
    below = x[:count]
    for n, layer in enumerate(layers):  # and each layer by itself, on what the one below gave
        own = slice(n * count, (n + 1) * count)
        alone = reference.run(layer, below, h[own], c[own], lengths, k)
        for a, b in zip(result.out[own], alone.out, strict=True):
            np.testing.assert_array_equal(a, b)
        if n + 1 < len(layers):
            below = [scaled(layers[n + 1], j, a, design) for j, a in enumerate(alone.out)]


def scaled(layer, j, h, design):
    """Codes of h at the scale of the x of a layer above."""
    ratio = layer.x_inverse_scale[j] / 2 ** (design.activation_bits - 1)
    top = 2 ** (design.activation_bits - 1)
    return np.clip(np.floor(h * ratio + 0.5), -top, top - 1).astype(int)


def test_one_pair_may_hold_two_layers_of_one_model():
    from pynq_lstm.accelerator.plan import Pair, Segment

    rng = np.random.default_rng(5000)
    model = fitting_model(rng, TINY, inputs=(9, 7), hidden=(7, 7), whole=True)
    routes = (None, (Segment(0, 7, 0, (0, 0), -1),))
    plan = Plan((Pair(model, (0, 1), routes, (0, 1)),))
    arguments = plan_input(rng, plan)
    result, _ = run(pack(plan, TINY), *arguments)
    assert_equal(result, plan_reference.run(plan, *arguments))


def test_pairs_of_one_model_share_words():
    model = paper_shape.model(models=4, inputs=64, hidden=32, refinements=2)
    four = pack(Plan.of_model(model), DEFAULT)
    two = pack(Plan.of_model(paper_shape.model(inputs=64, hidden=32, refinements=2)), DEFAULT)
    for name in ("input.u_words", "input.v_words", "hidden.u_words", "hidden.v_words"):
        assert four.usage[name] == two.usage[name]
    assert four.usage["input.s_words"][0] == 2 * two.usage["input.s_words"][0]


def test_the_same_plan_gives_the_same_bytes():
    rng = np.random.default_rng(6000)
    model = fitting_model(rng, TINY)
    first, second = (pack(Plan.of_model(model), TINY) for _ in range(2))
    np.testing.assert_array_equal(first.beats, second.beats)
    with pytest.raises(ValueError, match="read-only"):
        first.beats[0, 0] = 0


def test_prefixes_that_are_not_served_take_no_memory():
    import dataclasses

    model = paper_shape.model(inputs=64, hidden=32, refinements=4)
    served = dataclasses.replace(model, prefixes=(1, 2))
    whole, part = (pack(Plan.of_model(m), DEFAULT) for m in (model, served))
    assert [p.prefix for p in whole.programs] == [1, 2, 3, 4]
    assert [p.prefix for p in part.programs] == [1, 2]
    assert part.programs[-1].input.components == 8
