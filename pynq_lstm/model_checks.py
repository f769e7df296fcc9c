"""What makes a compressed model consistent; every violation names its field."""

import numbers

import numpy as np

from pynq_lstm import overflow, part_checks
from pynq_lstm.field_checks import (
    MAX_CLASSES,
    MAX_MODELS,
    MAX_SIZE,
    array,
    ends,
    integer,
    integers,
    refuse,
)
from pynq_lstm.head import Head
from pynq_lstm.numerics import CELL_FRACTIONS, PRE_SHIFTS, STATE_BITS

MAX_FLOAT32 = float(np.finfo(np.float32).max)


def check(model):
    """Check every field of a `CompressedModel`; raises `ModelFormatError`."""
    models = len(integers("hidden_sizes", model.hidden_sizes, 1, MAX_SIZE))
    integer("models", models, 1, MAX_MODELS)
    integers("input_sizes", model.input_sizes, 1, MAX_SIZE, models)
    if integer("activation_bits", model.activation_bits, 1, 16) not in (8, 16):
        refuse("activation_bits", model.activation_bits, "not one of (8, 16)")
    integer("weight_bits", model.weight_bits, 1, 16)
    integer("p_bits", model.p_bits, 4, 16)
    integer("gate_bits", model.gate_bits, *ends(STATE_BITS))
    integer("cell_bits", model.cell_bits, *ends(STATE_BITS))
    integers("cell_fraction_bits", model.cell_fraction_bits, *ends(CELL_FRACTIONS), models)
    integers("pre_shift", model.pre_shift, *ends(PRE_SHIFTS), models)
    _check_scales(model, models)
    part_checks.check(model)
    _check_prefixes(model)
    _check_sums(model)
    if model.head is not None:
        _check_head(model)


def _check_scales(model, models):
    if not isinstance(model.x_inverse_scale, tuple):
        refuse("x_inverse_scale", model.x_inverse_scale, "not a list of numbers")
    if len(model.x_inverse_scale) != models:
        refuse("x_inverse_scale", model.x_inverse_scale, f"not {models} numbers")
    for j, scale in enumerate(model.x_inverse_scale):
        real = isinstance(scale, numbers.Real) and not isinstance(scale, bool)
        if not real or not 0 < scale <= MAX_FLOAT32 or not np.float32(scale) > 0:
            refuse(f"x_inverse_scale[{j}]", scale, "not a finite positive number")


def _check_prefixes(model):
    if model.prefixes is not None:
        ks = integers("prefixes", model.prefixes, 1, model.max_refinements)
        if not ks or ks != sorted(set(ks)):
            refuse("prefixes", ks, "not an ascending list")


def _check_sums(model):
    if not isinstance(model.bias, tuple) or len(model.bias) != model.models:
        refuse("bias", model.bias, f"not one for each of {model.models} models")
    for j, (bias, hidden) in enumerate(zip(model.bias, model.hidden_sizes)):
        array(f"bias[{j}]", bias, (4 * hidden,), np.int32)
    bounds = overflow.sum_bounds(
        (model.input, model.hidden), model.p_bits, model.bias, model.pre_shift
    )
    for j, bound in enumerate(bounds):
        if bound > overflow.INT32_MAX:
            refuse(
                f"bias[{j}]",
                bound,
                "the accumulator could pass 2^31 - 1",
                "use a coarser grid of p",
            )


def _check_head(model):
    if not isinstance(model.head, Head):
        refuse("head", type(model.head).__name__, "not a Head")
    weight, bias = model.head.weight, model.head.bias
    if weight.ndim != 2 or not 1 <= weight.shape[0] <= MAX_CLASSES:
        refuse("head.weight.shape", weight.shape, "not (classes, hidden)")
    array("head.weight", weight, (weight.shape[0], sum(model.hidden_sizes)), np.float32)
    array("head.bias", bias, (weight.shape[0],), np.float32)
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        refuse("head", "nan or inf", "not finite")
