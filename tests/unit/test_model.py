"""A constructed model is a valid, immutable one; anything else is refused by name."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from model_files import assert_same
from random_models import random_model

from pynq_lstm.errors import ModelFormatError


@pytest.fixture
def model():
    rng = np.random.default_rng(7)
    return next(
        m
        for m in (random_model(rng) for _ in range(200))
        if m.models == 2 and not m.input.gate_stacked and m.head is None
    )


def test_immutable(model):
    with pytest.raises(FrozenInstanceError):
        model.p_bits = 8
    for array in (model.input.u, model.hidden.s, model.bias[0]):
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 1
    with pytest.raises(TypeError):
        model.provenance["a"] = 1


def test_does_not_keep_the_callers_arrays(model):
    bias = [b.copy() for b in model.bias]
    made = replace(model, bias=bias)
    bias[0][:] = 0
    np.testing.assert_array_equal(made.bias[0], model.bias[0])


def test_equal_values_of_other_types_make_the_same_model(model):
    made = replace(
        model,
        input_sizes=list(model.input_sizes),
        provenance=dict(model.provenance),
        pre_shift=[np.int32(v) for v in model.pre_shift],
        x_inverse_scale=[np.float32(v) for v in model.x_inverse_scale],
    )
    assert made.content_hash == model.content_hash
    assert isinstance(made.input_sizes, tuple)


def test_pickle_and_copy(model):
    assert_same(pickle.loads(pickle.dumps(model)), model)
    assert_same(copy.deepcopy(model), model)


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"activation_bits": 12}, r"activation_bits = 12: not one of \(8, 16\)"),
        ({"weight_bits": "8"}, "weight_bits = '8': not an integer"),
        ({"p_bits": 17}, "p_bits = 17: outside 4 to 16"),
        ({"hidden_sizes": ()}, "models = 0: outside 1 to 64"),
        ({"input_sizes": (3,)}, r"input_sizes = \(3,\): 1 entries, not 2"),
        ({"pre_shift": (25, 0)}, r"pre_shift\[0\] = 25: outside -8 to 24"),
        ({"cell_fraction_bits": (0, 15)}, r"cell_fraction_bits\[1\] = 15: outside 0 to 14"),
        ({"x_inverse_scale": (10**400, 1.0)}, r"x_inverse_scale\[0\] = 1.*not a finite positive"),
        ({"x_inverse_scale": (1.0, 1e-60)}, r"x_inverse_scale\[1\] = 1e-60: not a finite positive"),
        ({"x_inverse_scale": None}, "x_inverse_scale = None: not a list of numbers"),
        ({"bias": 3}, "bias = 3: not one for each of 2 models"),
        ({"bias": (None, None)}, r"bias\[0\] = None: not an array"),
        ({"head": 3}, "head = 'int': not a Head"),
        ({"prefixes": (2, 1)}, r"prefixes = \[2, 1\]: not an ascending list"),
        ({"provenance": {"x": [1]}}, r"provenance\['x'\] = \[1\]: neither text .* keep it to 64"),
        ({"provenance": {1: 1}}, "provenance = 1: not a key"),
    ],
)
def test_refused_by_name(model, changes, text):
    with pytest.raises(ModelFormatError, match=text):
        replace(model, **changes)


def test_part_refused_by_name(model):
    part, top = model.input, (1 << (model.weight_bits - 1)) - 1
    for changes, text in (
        ({"s": part.s.astype(np.int32)}, "input.s.dtype = 'int32': not int16"),
        ({"s_shift": (48, 0)}, r"input.s_shift\[0\] = 48: outside 0 to 47"),
        ({"u": np.full_like(part.u, -top - 1)}, f"input.u = {top + 1}: codes beyond"),
        ({"u_mask": part.u_mask & False, "u": part.u | 1}, "input.u = .*elements in absent tiles"),
        ({"v_mask": part.v_mask | True}, "input.v_mask = 0: a per-gate component has tiles"),
        ({"counts": (1, 2)}, "input.counts = .*neither one list of components nor four"),
        ({"u_tile": 0}, "input.u_tile = 0: outside 1 to"),
    ):
        with pytest.raises(ModelFormatError, match=text):
            replace(model, input=replace(part, **changes))
