"""What makes the parts of a compressed model consistent; one function for each kind."""

import numpy as np

from pynq_lstm import block_mask, overflow
from pynq_lstm.field_checks import MAX_SIZE, array, codes, ends, integer, integers, refuse
from pynq_lstm.numerics import M_SHIFTS, S_SHIFTS, SUM_SHIFTS
from pynq_lstm.parts import BlockDiagonalPart, DensePart, Part
from pynq_lstm.parts.block_diagonal import OPERAND_BITS, RANKS
from pynq_lstm.tiles import element_mask, tile_count


def check(model):
    """Check both parts of a `CompressedModel` whose sizes and widths were checked."""
    kind = type(model.input)
    if kind not in _CHECKS:
        refuse("input", kind.__name__, f"not one of {[known.__name__ for known in _CHECKS]}")
    if type(model.hidden) is not kind:
        refuse("hidden", type(model.hidden).__name__, f"not a {kind.__name__}, as input is")
    if model.weight_bits not in kind.weight_bits:
        refuse("weight_bits", model.weight_bits, f"not one of {kind.weight_bits}")
    for name, part, sizes in (
        ("input", model.input, model.input_sizes),
        ("hidden", model.hidden, model.hidden_sizes),
    ):
        _CHECKS[kind](name, part, sizes, model)


def _check_svd(name, part, sizes, model):
    integers(f"{name}.s_shift", part.s_shift, *ends(S_SHIFTS), model.models)
    counts = integers(f"{name}.counts", part.counts, 0, MAX_SIZE)
    if len(counts) not in (1, 4) or not sum(counts):
        refuse(f"{name}.counts", counts, "neither one list of components nor four")
    components, inputs, hidden = sum(counts), max(sizes), max(model.hidden_sizes)
    u_tiles = tile_count(inputs, integer(f"{name}.u_tile", part.u_tile, 1, inputs))
    v_tiles = tile_count(hidden, integer(f"{name}.v_tile", part.v_tile, 1, hidden))
    array(f"{name}.u", part.u, (components, inputs), np.int8)
    array(f"{name}.u_mask", part.u_mask, (components, u_tiles), np.bool_)
    array(f"{name}.v", part.v, (components, 4, hidden), np.int8)
    array(f"{name}.v_mask", part.v_mask, (components, 4, v_tiles), np.bool_)
    array(f"{name}.s", part.s, (components, model.models), np.int16)
    _check_tiled(f"{name}.u", part.u, part.u_mask, part.u_tile, model.weight_bits)
    _check_tiled(f"{name}.v", part.v, part.v_mask, part.v_tile, model.weight_bits)
    if not part.gate_stacked:
        foreign = part.v_mask.any(axis=2)
        foreign[np.arange(components), part.gate] = False
        if foreign.any():
            refuse(
                f"{name}.v_mask",
                int(foreign.any(axis=1).argmax()),
                "a per-gate component has tiles of another gate",
            )
    _check_dot_products(f"{name}.u", part, model)


def _check_tiled(name, vectors, mask, tile, bits):
    codes(name, vectors, bits)
    present = element_mask(mask, tile, vectors.shape[-1])
    if (vectors[~present] != 0).any():
        refuse(name, int(np.count_nonzero(vectors[~present])), "elements in absent tiles")


def _check_dense(name, part, sizes, model):
    integers(f"{name}.s_shift", part.s_shift, *ends(S_SHIFTS), model.models)
    _check_tuples(name, part, ("w", "s"), model)
    for j, (inputs, hidden) in enumerate(zip(sizes, model.hidden_sizes)):
        array(f"{name}.w[{j}]", part.w[j], (4 * hidden, inputs), np.int8)
        array(f"{name}.s[{j}]", part.s[j], (4 * hidden,), np.int16)
        codes(f"{name}.w[{j}]", part.w[j], model.weight_bits)
    _check_dot_products(f"{name}.w", part, model)


def _check_block_diagonal(name, part, sizes, model):
    if integer(f"{name}.rank", part.rank, 1, MAX_SIZE) not in RANKS:
        refuse(f"{name}.rank", part.rank, f"not one of {RANKS}")
    if model.p_bits not in OPERAND_BITS:
        refuse("p_bits", model.p_bits, f"not one of {OPERAND_BITS}, as block-diagonal parts have")
    integers(f"{name}.m_shift", part.m_shift, *ends(M_SHIFTS), model.models)
    integers(f"{name}.sum_shift", part.sum_shift, *ends(SUM_SHIFTS), model.models)
    _check_tuples(name, part, ("w", "m"), model)
    for j, (inputs, hidden) in enumerate(zip(sizes, model.hidden_sizes)):
        w = part.w[j]
        array(f"{name}.w[{j}]", w, (4 * hidden, inputs), np.int8)
        array(f"{name}.m[{j}]", part.m[j], (inputs,), np.uint16)
        codes(f"{name}.w[{j}]", w, model.weight_bits)
        absent = ~block_mask.mask(hidden, inputs, part.rank)
        wrong = int(np.count_nonzero(w.reshape(4, hidden, inputs)[:, absent]))
        if wrong:
            refuse(f"{name}.w[{j}]", wrong, "weights where the mask has none")


def _check_tuples(name, part, fields, model):
    for field in fields:
        arrays = getattr(part, field)
        if not isinstance(arrays, tuple):
            refuse(f"{name}.{field}", type(arrays).__name__, "not a tuple of arrays")
        if len(arrays) != model.models:
            refuse(f"len({name}.{field})", len(arrays), f"not {model.models}, one for each model")


def _check_dot_products(name, part, model):
    bound = overflow.dot_bound(part, model.activation_bits)
    if bound > overflow.INT32_MAX:
        remedy = f"use smaller codes in {name[-1]}"
        refuse(name, bound, "a dot product could pass 2^31 - 1", remedy)


_CHECKS = {
    Part: _check_svd,
    DensePart: _check_dense,
    BlockDiagonalPart: _check_block_diagonal,
}
