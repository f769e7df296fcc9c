"""The tensors of a model file: their table, and a model to and from them (docs/model_file.md)."""

import math
from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.head import Head
from pynq_lstm.model import PARTS, CompressedModel, Part
from pynq_lstm.model_checks import refuse
from pynq_lstm.model_file.strict_json import DAMAGED
from pynq_lstm.tiles import element_mask, tile_count, tile_lengths

DTYPES = {"F32": 4, "I32": 4, "I16": 2, "I8": 1, "U8": 1}  # bytes; in the order of the buffer
MAX_DENSE = 256 << 20  # bytes of u, v and their masks in memory
DENSE_RATIO, DENSE_FREE = 256, 16 << 20  # dense bytes <= ratio * buffer + free


@dataclass(frozen=True)
class Tensor:
    """An entry of the table: safetensors' dtype, and the shape (the largest one if `sparse`)."""

    name: str
    dtype: str
    shape: Tuple[int, ...]
    sparse: bool = False


def table(metadata):
    """Every tensor that a file with this metadata holds, in the order of its buffer."""
    sizes, bits = metadata["hidden_sizes"], metadata["weight_bits"]
    found = [Tensor(f"bias.{j}", "I32", (4 * size,)) for j, size in enumerate(sizes)]
    if metadata["classes"] is not None:
        found.append(Tensor("head.weight", "F32", (metadata["classes"], sum(sizes))))
        found.append(Tensor("head.bias", "F32", (metadata["classes"],)))
    for name in PARTS:
        found.append(Tensor(f"{name}.s", "I16", (sum(metadata[name]["counts"]), len(sizes))))
        for vector, (elements, tiles, _) in _vectors(metadata, name).items():
            most = -(-math.prod(elements) * bits // 8)
            found.append(Tensor(f"{name}.{vector}", "U8" if bits == 4 else "I8", (most,), True))
            found.append(Tensor(f"{name}.{vector}_mask", "U8", (-(-math.prod(tiles) // 8),)))
    return sorted(found, key=lambda tensor: (list(DTYPES).index(tensor.dtype), tensor.name))


def _vectors(metadata, name):
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


def check_dense(metadata, buffer_bytes):
    """Refuse arrays that are large in memory, or out of proportion to what backs them."""
    dense = 0
    for name in PARTS:
        for vector, (elements, tiles, _) in _vectors(metadata, name).items():
            own_gate = vector == "v" and len(elements) == 2
            dense += (math.prod(elements) + math.prod(tiles)) * (4 if own_gate else 1)
    limit = min(MAX_DENSE, DENSE_RATIO * buffer_bytes + DENSE_FREE)
    if dense > limit:
        refuse(
            "dense size",
            dense,
            f"oversized: above {limit} bytes of u, v and masks in memory "
            f"for {buffer_bytes} bytes of tensors",
            "use fewer components",
        )


def _own_gate(counts):
    """Gate of each component of the per-gate form, (components,) int64."""
    return np.nonzero(np.arange(max(counts))[:, None] < np.array(counts))[1]


def pack(model, metadata):
    """The arrays of a file, by name, in the order of its buffer."""
    arrays = {f"bias.{j}": bias for j, bias in enumerate(model.bias)}
    if model.head is not None:
        arrays.update({"head.weight": model.head.weight, "head.bias": model.head.bias})
    for name in PARTS:
        part = getattr(model, name)
        v, v_mask = part.v, part.v_mask
        if not part.gate_stacked:
            own = np.arange(len(v)), part.gate
            v, v_mask = v[own], v_mask[own]
        arrays[f"{name}.s"] = part.s
        for vector, dense, mask, tile in (
            ("u", part.u, part.u_mask, part.u_tile),
            ("v", v, v_mask, part.v_tile),
        ):
            codes = dense[element_mask(mask, tile, dense.shape[-1])]
            arrays[f"{name}.{vector}"] = _nibbles(codes) if model.weight_bits == 4 else codes
            arrays[f"{name}.{vector}_mask"] = np.packbits(mask.reshape(-1), bitorder="little")
    return {tensor.name: np.ascontiguousarray(arrays[tensor.name]) for tensor in table(metadata)}


def unpack(metadata, arrays):
    """The model of a file; `arrays` have the dtypes and shapes of the table."""
    fields = {name: metadata[name] for name in ("activation_bits", "weight_bits", "p_bits")}
    for name in (
        "input_sizes",
        "hidden_sizes",
        "x_inverse_scale",
        "cell_fraction_bits",
        "pre_shift",
    ):
        fields[name] = tuple(metadata[name])
    for name in PARTS:
        fields[name] = _unpack_part(name, metadata, arrays)
    if metadata["classes"] is not None:
        fields["head"] = Head(arrays["head.weight"], arrays["head.bias"])
    if metadata["prefixes"] is not None:
        fields["prefixes"] = tuple(metadata["prefixes"])
    return CompressedModel(
        bias=tuple(arrays[f"bias.{j}"] for j in range(len(fields["pre_shift"]))),
        provenance=metadata["provenance"],
        **fields,
    )


def _unpack_part(name, metadata, arrays):
    vectors, part = {}, metadata[name]
    for vector, (elements, tiles, tile) in _vectors(metadata, name).items():
        field = f"{name}.{vector}"
        mask = _bits(f"{field}_mask", arrays[f"{field}_mask"], math.prod(tiles)).reshape(tiles)
        present = int((mask * tile_lengths(elements[-1], tile)).sum())
        codes = arrays[field]
        stored = -(-present * metadata["weight_bits"] // 8)
        if len(codes) != stored:
            problem = f"not ({stored},), as {field}_mask has it"
            refuse(f"{field}.shape", codes.shape, problem, DAMAGED)
        if metadata["weight_bits"] == 4:
            codes = _codes(field, codes, present)
        dense = np.zeros(elements, np.int8)
        dense[element_mask(mask, tile, elements[-1])] = codes
        vectors[vector], vectors[f"{vector}_mask"] = dense, mask
    if len(part["counts"]) == 4:
        for key in ("v", "v_mask"):
            own = vectors[key]
            vectors[key] = np.zeros((len(own), 4, own.shape[1]), own.dtype)
            vectors[key][np.arange(len(own)), _own_gate(part["counts"])] = own
    return Part(s=arrays[f"{name}.s"], **vectors, **part)


def _bits(field, packed, count):
    bits = np.unpackbits(packed, bitorder="little")
    if bits[count:].any():
        refuse(field, int(packed[-1]), "padding bits are not zero", DAMAGED)
    return bits[:count].astype(bool)


def _nibbles(codes):
    """Two codes a byte, low nibble first, (ceil(codes / 2),) uint8."""
    padded = np.zeros(len(codes) + len(codes) % 2, np.uint8)
    padded[: len(codes)] = codes.astype(np.uint8) & 15
    return padded[0::2] | padded[1::2] << 4


def _codes(field, packed, count):
    nibbles = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1).astype(np.int8)
    if nibbles[count:].any():
        refuse(field, int(packed[-1]), "the last nibble is padding and not zero", DAMAGED)
    return (nibbles[:count] ^ 8) - 8
