"""A part of rank-1 components in a model file: its metadata and its tensors."""

import math

import numpy as np

from pynq_lstm.field_checks import MAX_SIZE, ends, integer, integers, refuse
from pynq_lstm.model_file.encoding import (
    Tensor,
    code_dtype,
    packed_mask,
    restored,
    stored,
    stored_length,
    unpacked_mask,
)
from pynq_lstm.model_file.strict_json import DAMAGED
from pynq_lstm.numerics import S_SHIFTS
from pynq_lstm.parts import Part
from pynq_lstm.tiles import element_mask, present_elements, tile_count

FIELDS = ("counts", "s_shift", "u_tile", "v_tile")
WEIGHT_BITS = Part.weight_bits
HELD = "u, v and masks"
SMALLER = "use fewer components"


def describe(part):
    """The metadata of a part."""
    return {
        "counts": [int(count) for count in part.counts],
        "s_shift": [int(shift) for shift in part.s_shift],
        "u_tile": int(part.u_tile),
        "v_tile": int(part.v_tile),
    }


def check(name, part, metadata):
    """Check the metadata that is this kind's own."""
    counts = integers(f"{name}.counts", part["counts"], 0, MAX_SIZE)
    if len(counts) not in (1, 4) or not sum(counts):
        refuse(f"{name}.counts", counts, "neither one list of components nor four")
    integer(f"{name}.u_tile", part["u_tile"], 1, max(metadata[f"{name}_sizes"]))
    integer(f"{name}.v_tile", part["v_tile"], 1, max(metadata["hidden_sizes"]))
    models = len(metadata["hidden_sizes"])
    integers(f"{name}.s_shift", part["s_shift"], *ends(S_SHIFTS), models)


def table(name, metadata):
    """The tensors of a part, in any order."""
    bits, rows = metadata["weight_bits"], sum(metadata[name]["counts"])
    found = [Tensor(f"{name}.s", "I16", (rows, len(metadata["hidden_sizes"])))]
    for vector, (elements, tiles, _) in _vectors(name, metadata).items():
        most = stored_length(math.prod(elements), bits)
        found.append(Tensor(f"{name}.{vector}", code_dtype(bits), (most,), True))
        found.append(Tensor(f"{name}.{vector}_mask", "U8", (-(-math.prod(tiles) // 8),)))
    return found


def held_bytes(name, metadata):
    """Bytes in memory of what `HELD` names."""
    total = 0
    for vector, (elements, tiles, _) in _vectors(name, metadata).items():
        own_gate = vector == "v" and len(elements) == 2
        total += (math.prod(elements) + math.prod(tiles)) * (4 if own_gate else 1)
    return total


def pack(name, part, bits):
    """The arrays of a part, by the name of their tensor."""
    v, v_mask = part.v, part.v_mask
    if not part.gate_stacked:
        own = np.arange(len(v)), part.gate
        v, v_mask = v[own], v_mask[own]
    arrays = {f"{name}.s": part.s}
    for vector, whole, mask, tile in (
        ("u", part.u, part.u_mask, part.u_tile),
        ("v", v, v_mask, part.v_tile),
    ):
        codes = whole[element_mask(mask, tile, whole.shape[-1])]
        arrays[f"{name}.{vector}"] = stored(codes, bits)
        arrays[f"{name}.{vector}_mask"] = packed_mask(mask)
    return arrays


def unpack(name, metadata, arrays):
    """The `Part` of arrays that have the dtypes and shapes of the table."""
    vectors, part, bits = {}, metadata[name], metadata["weight_bits"]
    for vector, (elements, tiles, tile) in _vectors(name, metadata).items():
        field = f"{name}.{vector}"
        mask = unpacked_mask(f"{field}_mask", arrays[f"{field}_mask"], math.prod(tiles))
        mask = mask.reshape(tiles)
        present = present_elements(mask, tile, elements[-1])
        length = stored_length(present, bits)
        if len(arrays[field]) != length:
            problem = f"not ({length},), as {field}_mask has it"
            refuse(f"{field}.shape", arrays[field].shape, problem, DAMAGED)
        whole = np.zeros(elements, np.int8)
        codes = restored(field, arrays[field], bits, present)
        whole[element_mask(mask, tile, elements[-1])] = codes
        vectors[vector], vectors[f"{vector}_mask"] = whole, mask
    if len(part["counts"]) == 4:
        for key in ("v", "v_mask"):
            own = vectors[key]
            vectors[key] = np.zeros((len(own), 4, own.shape[1]), own.dtype)
            vectors[key][np.arange(len(own)), _own_gate(part["counts"])] = own
    return Part(s=arrays[f"{name}.s"], **vectors, **part)


def _vectors(name, metadata):
    """Shapes of stored elements and of their tiles, and the tile, for u and v.

    In the per-gate form v is stored for the component's own gate only.
    """
    part, hidden = metadata[name], max(metadata["hidden_sizes"])
    rows, inputs = (sum(part["counts"]),), max(metadata[f"{name}_sizes"])
    gates = rows + ((4,) if len(part["counts"]) == 1 else ())
    u_tile, v_tile = part["u_tile"], part["v_tile"]
    return {
        "u": (rows + (inputs,), rows + (tile_count(inputs, u_tile),), u_tile),
        "v": (gates + (hidden,), gates + (tile_count(hidden, v_tile),), v_tile),
    }


def _own_gate(counts):
    """Gate of each component of the per-gate form, (components,) int64."""
    return np.nonzero(np.arange(max(counts))[:, None] < np.array(counts))[1]
