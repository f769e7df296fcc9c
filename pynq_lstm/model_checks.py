"""What makes a compressed model consistent; every violation names its field."""

import numbers

import numpy as np

from pynq_lstm import overflow
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.head import Head
from pynq_lstm.numerics import CELL_FRACTIONS, PRE_SHIFTS, S_SHIFTS
from pynq_lstm.tiles import element_mask, tile_count

MAX_MODELS = 64
MAX_SIZE = 65_536  # of a vector, a list of components, a tile
MAX_CLASSES = 65_536
MAX_FLOAT32 = float(np.finfo(np.float32).max)


def refuse(field, value, problem, remedy="compress the network again"):
    """Raise the error of this module."""
    raise ModelFormatError(field, value, problem, remedy)


def ends(allowed):
    """First and last number of a range."""
    return allowed[0], allowed[-1]


def integer(field, value, low, high):
    """Check that `value` is an integer from `low` to `high`, and return it as int."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        refuse(field, value, "not an integer")
    if not low <= value <= high:
        refuse(field, value, f"outside {low} to {high}")
    return int(value)


def integers(field, values, low, high, length=None):
    """Check a tuple or list of integers."""
    if not isinstance(values, (tuple, list)):
        refuse(field, values, "not a list of integers")
    if length is not None and len(values) != length:
        refuse(field, values, f"{len(values)} entries, not {length}")
    return [integer(f"{field}[{i}]", v, low, high) for i, v in enumerate(values)]


def array(field, value, shape, dtype):
    """Check shape and dtype of an array."""
    if not isinstance(value, np.ndarray):
        refuse(field, value, "not an array")
    if value.shape != tuple(shape):
        refuse(f"{field}.shape", value.shape, f"not {tuple(shape)}")
    if value.dtype != dtype:
        refuse(f"{field}.dtype", str(value.dtype), f"not {np.dtype(dtype)}")


def check(model):
    """Check every field of a `CompressedModel`; raises `ModelFormatError`."""
    models = len(integers("hidden_sizes", model.hidden_sizes, 1, MAX_SIZE))
    integer("models", models, 1, MAX_MODELS)
    integers("input_sizes", model.input_sizes, 1, MAX_SIZE, models)
    for name, allowed in (("activation_bits", (8, 16)), ("weight_bits", (4, 8))):
        if integer(name, getattr(model, name), 1, 16) not in allowed:
            refuse(name, getattr(model, name), f"not one of {allowed}")
    integer("p_bits", model.p_bits, 4, 16)
    integers("cell_fraction_bits", model.cell_fraction_bits, *ends(CELL_FRACTIONS), models)
    integers("pre_shift", model.pre_shift, *ends(PRE_SHIFTS), models)
    _check_scales(model, models)
    _check_part("input", model.input, max(model.input_sizes), model)
    _check_part("hidden", model.hidden, max(model.hidden_sizes), model)
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


def _check_part(name, part, inputs, model):
    counts = integers(f"{name}.counts", part.counts, 0, MAX_SIZE)
    if len(counts) not in (1, 4) or not sum(counts):
        refuse(f"{name}.counts", counts, "neither one list of components nor four")
    components, hidden = sum(counts), max(model.hidden_sizes)
    u_tiles = tile_count(inputs, integer(f"{name}.u_tile", part.u_tile, 1, inputs))
    v_tiles = tile_count(hidden, integer(f"{name}.v_tile", part.v_tile, 1, hidden))
    array(f"{name}.u", part.u, (components, inputs), np.int8)
    array(f"{name}.u_mask", part.u_mask, (components, u_tiles), np.bool_)
    array(f"{name}.v", part.v, (components, 4, hidden), np.int8)
    array(f"{name}.v_mask", part.v_mask, (components, 4, v_tiles), np.bool_)
    array(f"{name}.s", part.s, (components, model.models), np.int16)
    integers(f"{name}.s_shift", part.s_shift, *ends(S_SHIFTS), model.models)
    _check_codes(f"{name}.u", part.u, part.u_mask, part.u_tile, model.weight_bits)
    _check_codes(f"{name}.v", part.v, part.v_mask, part.v_tile, model.weight_bits)
    if not part.gate_stacked:
        foreign = part.v_mask.any(axis=2)
        foreign[np.arange(components), part.gate] = False
        if foreign.any():
            refuse(
                f"{name}.v_mask",
                int(foreign.any(axis=1).argmax()),
                "a per-gate component has tiles of another gate",
            )
    if overflow.dot_bound(part, model.activation_bits) > overflow.INT32_MAX:
        refuse(
            f"{name}.u",
            overflow.dot_bound(part, model.activation_bits),
            "a dot product could pass 2^31 - 1",
            "use smaller codes in u",
        )


def _check_codes(name, codes, mask, tile, bits):
    limit = (1 << (bits - 1)) - 1
    if (np.abs(codes.astype(np.int16)) > limit).any():
        refuse(name, int(np.abs(codes.astype(np.int16)).max()), f"codes beyond +-{limit}")
    present = element_mask(mask, tile, codes.shape[-1])
    if (codes[~present] != 0).any():
        refuse(name, int(np.count_nonzero(codes[~present])), "elements in absent tiles")


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
