"""What a design has no room for is refused with the maximum and a remedy; the last that fits is
taken.
"""

from dataclasses import replace

import numpy as np
import paper_shape
import pytest
from designs import DEFAULT, TINY, TINY_WIDE
from fitting_models import fitting_model

from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Pair, Plan, Segment
from pynq_lstm.errors import CapacityError, PlanError

MODEL = paper_shape.model(inputs=64, hidden=32, refinements=4)
PLAN = Plan.of_model(MODEL)


def with_part(design, side, **changes):
    return replace(design, **{side: replace(getattr(design, side), **changes)})


@pytest.mark.parametrize("side", ["input", "hidden"])
@pytest.mark.parametrize(
    "unit, remedy", [("u", "zero_u_tiles"), ("s", "fewer pairs"), ("v", "zero_v_tiles")]
)
def test_words_of_the_largest_program_must_fit(side, unit, remedy):
    base = replace(DEFAULT, max_inputs=64, max_hidden=32, max_programs=4)
    base = with_part(base, side, v_lanes=1)  # more words of V than tiles of h
    own = getattr(pack(PLAN, base).programs[-1], side)
    need = {"u": own.u.words, "s": own.u.slots, "v": own.v.words}[unit]
    field = f"{unit}_words"
    image = pack(PLAN, with_part(base, side, **{field: need}))
    assert [p.prefix for p in image.programs] == [4]
    assert image.usage[f"{side}.{field}"] == (need, need)
    text = f"{side} {field} = {need}: more than {need - 1}, the most of svd_lstm; .*{remedy}"
    with pytest.raises(CapacityError, match=text):
        pack(PLAN, with_part(base, side, **{field: need - 1}))


@pytest.mark.parametrize(
    "fits, too_small, text",
    [
        ({"max_inputs": 64}, {"max_inputs": 48}, r"pairs\[0\].inputs = 64: more than 48"),
        ({"max_hidden": 32}, {"max_hidden": 16}, r"pairs\[0\].hidden = 32: more than 16"),
        ({"max_slots": 2}, {"max_slots": 1}, "input components = 16: more than 13, .*refinements"),
        ({"p_bits": 10}, {"p_bits": 9}, "p_bits = 10: more than 9, .*compress with p_bits=9"),
    ],
)
def test_maxima(fits, too_small, text):
    assert pack(PLAN, replace(DEFAULT, **fits)).programs
    with pytest.raises(CapacityError, match=text):
        pack(PLAN, replace(DEFAULT, **too_small))


def test_pairs_and_programs():
    rng = np.random.default_rng(0)
    five = [fitting_model(rng, TINY, (4,), (4,), max_components=1) for _ in range(5)]
    pairs = [Pair(model, (0, None)) for model in five]
    assert len(pack(Plan(pairs[:4]), TINY).pairs) == 4
    with pytest.raises(CapacityError, match="pairs = 5: more than 4, .*in several plans"):
        pack(Plan(pairs), TINY)
    image = pack(Plan.of_model(paper_shape.model(inputs=64, hidden=32, models=8)), DEFAULT)
    assert len(image.programs) == 64 == DEFAULT.max_programs
    image = pack(Plan.of_model(paper_shape.model(inputs=64, hidden=32, models=6)), DEFAULT)
    assert len(image.programs) == 48
    few = replace(DEFAULT, max_programs=20)
    image = pack(Plan.of_model(paper_shape.model(inputs=64, hidden=32, models=4)), few)
    assert [p.prefix for p in image.programs if p.pair == 1] == [1, 3, 4, 6, 8, 9, 11, 12, 14, 16]
    assert image.usage["max_programs"] == (20, 20)


def test_activations_of_another_width():
    rng = np.random.default_rng(1)
    model = fitting_model(rng, TINY_WIDE)
    with pytest.raises(CapacityError, match="activation_bits = 16: not the 8 of svd_lstm_tiny"):
        pack(Plan.of_model(model), TINY)


def test_route_words_and_tiles_of_x():
    rng = np.random.default_rng(2)
    model = fitting_model(rng, TINY, (32,), (16,), max_components=2, whole=True)
    twelve = tuple(Segment(0, 32) for _ in range(8))
    plan = Plan((Pair(model, (0, None), (twelve, None)),))
    assert pack(plan, TINY).usage["max_route_words"] == (64, 64)
    plan = Plan((Pair(model, (0, None), ((*twelve, Segment(0, 1)), None)),))
    with pytest.raises(CapacityError, match="route_words = 65: more than 64"):
        pack(plan, TINY)
    cut = (Segment(0, 32), Segment(0, 3, 0, (0, 0)))
    plan = Plan((Pair(model, (0, None), (cut, None)),))
    with pytest.raises(CapacityError, match=r"pairs\[0\].x_tiles = 9: more than 8"):
        pack(plan, TINY)


def test_a_plan_that_does_not_fit_is_a_bad_plan():
    assert issubclass(CapacityError, PlanError)
