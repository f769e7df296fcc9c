"""How codes and masks become the bytes of tensors (docs/model_file.md, "Tensors")."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.field_checks import refuse
from pynq_lstm.model_file.strict_json import DAMAGED

# bytes; in the order of the buffer
DTYPES = {"F32": 4, "I32": 4, "U16": 2, "I16": 2, "I8": 1, "U8": 1}


@dataclass(frozen=True)
class Tensor:
    """An entry of the table: safetensors' dtype, and the shape (the largest one if `sparse`)."""

    name: str
    dtype: str
    shape: Tuple[int, ...]
    sparse: bool = False


def stored_length(codes, bits):
    """Elements of the tensor of so many codes: a byte each, or two or four in a byte."""
    return -(-codes * bits // 8)


def code_dtype(bits):
    """Dtype of a tensor of codes."""
    return "I8" if bits == 8 else "U8"


def stored(codes, bits):
    """The tensor of some codes, (codes,) int8."""
    return codes if bits == 8 else _packed(codes, bits)


def restored(field, tensor, bits, count):
    """The codes, (count,) int8, of a tensor of the right length."""
    return tensor if bits == 8 else _codes(field, tensor, bits, count)


def packed_mask(mask):
    """A bit for each element, least significant first, uint8."""
    return np.packbits(mask.reshape(-1), bitorder="little")


def unpacked_mask(field, packed, count):
    """The first `count` bits, (count,) bool; the rest must be zero."""
    bits = np.unpackbits(packed, bitorder="little")
    if bits[count:].any():
        refuse(field, int(packed[-1]), "padding bits are not zero", DAMAGED)
    return bits[:count].astype(bool)


def _packed(codes, bits):
    """Two or four codes a byte, lowest bits first, (ceil(codes * bits / 8),) uint8."""
    each = 8 // bits
    padded = np.zeros(-(-len(codes) // each) * each, np.uint8)
    padded[: len(codes)] = codes.astype(np.uint8) & ((1 << bits) - 1)
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    return np.bitwise_or.reduce(padded.reshape(-1, each) << shifts, axis=1)


def _codes(field, packed, bits, count):
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    fields = (packed[:, None] >> shifts & ((1 << bits) - 1)).reshape(-1).astype(np.int8)
    if fields[count:].any():
        place = "nibble is" if bits == 4 else "bits are"
        refuse(field, int(packed[-1]), f"the last {place} padding and not zero", DAMAGED)
    half = 1 << (bits - 1)
    return (fields[:count] ^ half) - half
