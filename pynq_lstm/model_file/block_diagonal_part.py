"""A part of block-diagonal matrices in a model file: its metadata and its tensors."""

import numpy as np

from pynq_lstm import block_mask
from pynq_lstm.field_checks import MAX_SIZE, ends, integer, integers, refuse
from pynq_lstm.model_file.encoding import Tensor, code_dtype, restored, stored, stored_length
from pynq_lstm.numerics import M_SHIFTS, SUM_SHIFTS
from pynq_lstm.parts import BlockDiagonalPart
from pynq_lstm.parts.block_diagonal import RANKS

FIELDS = ("m_shift", "rank", "sum_shift")
WEIGHT_BITS = BlockDiagonalPart.weight_bits
HELD = "w"
SMALLER = 'compress its LSTMs apart, or with method="svd"'


def describe(part):
    """The metadata of a part."""
    return {
        "m_shift": [int(shift) for shift in part.m_shift],
        "rank": int(part.rank),
        "sum_shift": [int(shift) for shift in part.sum_shift],
    }


def check(name, part, metadata):
    """Check the metadata that is this kind's own."""
    if integer(f"{name}.rank", part["rank"], 1, MAX_SIZE) not in RANKS:
        refuse(f"{name}.rank", part["rank"], f"not one of {RANKS}")
    models = len(metadata["hidden_sizes"])
    integers(f"{name}.m_shift", part["m_shift"], *ends(M_SHIFTS), models)
    integers(f"{name}.sum_shift", part["sum_shift"], *ends(SUM_SHIFTS), models)


def table(name, metadata):
    """The tensors of a part, in any order."""
    bits, rank, found = metadata["weight_bits"], metadata[name]["rank"], []
    for j, (hidden, inputs) in enumerate(_shapes(name, metadata)):
        present = 4 * block_mask.present_elements(hidden, inputs, rank)
        found.append(Tensor(f"{name}.m.{j}", "U16", (inputs,)))
        found.append(Tensor(f"{name}.w.{j}", code_dtype(bits), (stored_length(present, bits),)))
    return found


def held_bytes(name, metadata):
    """Bytes in memory of what `HELD` names: absent weights too."""
    return sum(4 * hidden * inputs for hidden, inputs in _shapes(name, metadata))


def pack(name, part, bits):
    """The arrays of a part, by the name of their tensor: present weights row by row."""
    arrays = {f"{name}.m.{j}": m for j, m in enumerate(part.m)}
    for j, w in enumerate(part.w):
        kept = block_mask.stacked_mask(len(w) // 4, w.shape[1], part.rank)
        arrays[f"{name}.w.{j}"] = stored(w[kept], bits)
    return arrays


def unpack(name, metadata, arrays):
    """The `BlockDiagonalPart` of arrays that have the dtypes and shapes of the table."""
    part, w, bits = metadata[name], [], metadata["weight_bits"]
    shapes = _shapes(name, metadata)
    for j, (hidden, inputs) in enumerate(shapes):
        field = f"{name}.w.{j}"
        whole = np.zeros((4 * hidden, inputs), np.int8)
        present = 4 * block_mask.present_elements(hidden, inputs, part["rank"])
        kept = block_mask.stacked_mask(hidden, inputs, part["rank"])
        whole[kept] = restored(field, arrays[field], bits, present)
        w.append(whole)
    m = tuple(arrays[f"{name}.m.{j}"] for j in range(len(shapes)))
    shifts = (tuple(part[key]) for key in ("m_shift", "sum_shift"))
    return BlockDiagonalPart(part["rank"], tuple(w), m, *shifts)


def _shapes(name, metadata):
    """Hidden units and inputs of each model."""
    return list(zip(metadata["hidden_sizes"], metadata[f"{name}_sizes"]))
